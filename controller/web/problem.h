#pragma once

#include "web/http.h"

#include <string>

namespace stinky::web {

/// {"success":false,"status":"error","message":why,"error":why}: for old clients and new ones.
Response problem(unsigned status, const std::string& why);

} // namespace stinky::web
