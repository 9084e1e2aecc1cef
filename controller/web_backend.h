#pragma once

#include "common/event_loop.h"
#include "common/fd.h"
#include "web/backend.h"

#include <sys/types.h>

#include <string>
#include <vector>

#include "view/controller.h"

namespace stinky {

/// The controller as the web needs it.
class WebBackend final : public web::Backend {
public:
    /// `stinkyctl`: the program whose `doctor --json` makes the checks.
    WebBackend(EventLoop& loop, view::Controller& controller, std::string stinkyctl);
    ~WebBackend() override;

    nlohmann::ordered_json describe() override { return controller_.describe(); }

    core::State state() const override { return controller_.snapshot().state; }

    void request(core::Request request, Done done) override;
    void restartPart(const std::string& name, Done done) override;
    const GpsState& gps() const override;
    void doctor(Report report) override;

private:
    void readDoctor();
    void endDoctor(const std::string& json, const std::string& error);

    EventLoop& loop_;
    view::Controller& controller_;
    std::string stinkyctl_;
    mutable GpsState reported_; ///< of the part's report, while gpsd has not answered yet
    // One run at a time serves all who ask meanwhile.
    std::vector<Report> waiting_;
    pid_t doctor_ = 0;
    Fd output_;
    std::string text_;
    EventSource readable_;
    Timer patience_;
};

} // namespace stinky
