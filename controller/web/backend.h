#pragma once

#include "common/gpsd_client.h"
#include "core/state.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace stinky::web {

/// What the web shows and steers: the rest of the controller, or a stand-in in tests.
class Backend {
public:
    /// Called once, perhaps before the call returns, with why it was refused; empty when it was taken.
    using Done = std::function<void(const std::string& error)>;
    /// Called once with a JSON document, or with an empty one and why there is none.
    using Report = std::function<void(const std::string& json, const std::string& error)>;

    virtual ~Backend() = default;

    /// All that the controller knows, as docs/dbus-api.md describes it.
    virtual nlohmann::ordered_json describe() = 0;
    virtual core::State state() const = 0;
    virtual void request(core::Request request, Done done) = 0;
    /// Restarts one part, named as in the description: "scan", or its unit.
    virtual void restartPart(const std::string& name, Done done) = 0;
    virtual const GpsState& gps() const = 0;
    virtual void doctor(Report report) = 0;
};

} // namespace stinky::web
