#pragma once

#include "health/check.h"
#include "health/http_client.h"

namespace stinky::health {

/// A page that answers with 2xx or 3xx.
class HttpCheck : public Check {
public:
    HttpCheck(EventLoop& loop, const CheckOptions& options);
    void look(Done done) override;

private:
    HttpRequest request_;
    HttpClient client_;
};

} // namespace stinky::health
