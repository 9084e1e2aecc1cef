#pragma once

#include "health/check.h"
#include "health/http_client.h"
#include "health/kismet_view.h"

#include <string>

namespace stinky::health {

/// A Kismet that captures and writes its wiglecsv log. One look is a few small requests, one after the other.
class KismetCheck : public Check {
public:
    /// `options.login` is read at each look that finds the login refused or not read yet: Kismet's own start
    /// makes it.
    KismetCheck(EventLoop& loop, CheckOptions options);
    void look(Done done) override;

private:
    enum class Question { alive, sources, logs, system, gps, end };

    void ask(Question question);
    void take(Question question, const HttpAnswer& answer);
    void end();

    CheckOptions options_;
    HttpClient client_;
    std::string user_;
    std::string password_;
    KismetPicture picture_;
    PacketWatch packets_;
    Done done_;
};

} // namespace stinky::health
