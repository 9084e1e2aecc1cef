#pragma once

#include <array>
#include <string>
#include <string_view>

namespace stinky::view {

/// What people call that which nobody else should read, in small letters.
inline constexpr std::array<std::string_view, 8> secretWords = {
    "password", "passwd", "secret", "token", "psk", "apikey", "passphrase", "api_key"};

/// A setting, field or option with such a word in its name, in any case: "TAK_TLS_PASSWORD_FILE".
bool isSecretName(std::string_view name);

/// "tls://user:secret@host" -> "tls://***@host", for each URL of a text.
std::string withoutLogins(std::string_view text);

} // namespace stinky::view
