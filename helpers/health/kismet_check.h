#pragma once

#include "health/check.h"
#include "health/http_client.h"
#include "health/kismet_logs.h"
#include "health/kismet_view.h"

#include <string>

namespace stinky::health {

/// A Kismet that captures and writes its wiglecsv log. One look is a few small requests, one after the
/// other.
class KismetCheck : public Check {
public:
    /// `options.login` is read at each look that finds the login refused or not read yet: Kismet's own start
    /// makes it.
    KismetCheck(EventLoop& loop, CheckOptions options);
    void look(Done done) override;

private:
    enum class Question { alive, sources, logs, system, gps, end };

    void ask(Question question);
    void send(HttpRequest request, const std::string& path, std::function<void(const HttpAnswer&)> taken);
    void take(Question question, const HttpAnswer& answer);
    void keepLogs();
    void end();

    CheckOptions options_;
    HttpClient client_;
    std::string user_;
    std::string password_;
    KismetPicture picture_;
    PacketWatch packets_;
    KismetLogKeeper keeper_;
    int commands_ = 0; ///< of this look
    Done done_;
};

} // namespace stinky::health
