#pragma once

#include <string>

namespace stinky::kismet {

struct Login {
    std::string user;
    std::string password;
};

/// The login in the file, one line "user:password"; made with a random password, mode 0640 and the group
/// `group` where there is none yet. Throws Error.
Login keepLogin(const std::string& path, const std::string& group);

} // namespace stinky::kismet
