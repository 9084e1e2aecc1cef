#pragma once

#include "ctl/doctor/facts.h"

#include <string>

namespace stinky::ctl {

/// Whether the outputs of the settings can be reached (`connect`: they are tried), and how long certificates
/// are valid.
void gatherTak(Facts& facts, bool connect);

/// An output's host and port: of "tls://tak.example.org:8089" and "udp://[fe80::1]:6969". Empty host when it
/// is none.
struct Endpoint {
    std::string scheme;
    std::string host;
    std::string port;
};

Endpoint endpointOf(const std::string& url);

} // namespace stinky::ctl
