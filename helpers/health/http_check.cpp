#include "health/http_check.h"

#include <fmt/format.h>

#include <utility>

namespace stinky::health {

HttpCheck::HttpCheck(EventLoop& loop, const CheckOptions& options) : client_(loop) {
    request_.url = options.name;
    request_.timeout = options.timeout;
}

void HttpCheck::look(Done done) {
    client_.send(request_, [this, done = std::move(done)](const HttpAnswer& answer) {
        Finding finding;
        finding.flows = answer.status >= 200 && answer.status < 400;
        finding.state = finding.flows ? PartState::ok : PartState::fault;
        if (finding.flows)
            finding.reason = "answers on " + request_.url;
        else if (answer.status == 0)
            finding.reason = fmt::format("no answer from {}: {}", request_.url, answer.problem);
        else
            finding.reason = fmt::format("{} answers with status {}", request_.url, answer.status);
        if (finding.flows)
            finding.outputAge = 0;
        done(std::move(finding));
    });
}

} // namespace stinky::health
