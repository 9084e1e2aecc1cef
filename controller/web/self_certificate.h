#pragma once

#include "web/http_server.h"

#include <string>
#include <vector>

namespace stinky::web {

/// A certificate that this machine signs itself, for the names and addresses given, with a new P-256 key,
/// for ten years. Throws Error.
Certificate makeSelfSigned(const std::vector<std::string>& names);

/// The one kept in `directory` (tls.crt, tls.key; mode 0600), made when there is none. Throws Error.
Certificate keptSelfSigned(const std::string& directory, const std::vector<std::string>& names);

} // namespace stinky::web
