#pragma once

#include "tak/outputs/output_url.h"

#include <memory>
#include <string>
#include <string_view>

namespace stinky::tak {

/// Who we are and whom we believe. Paths of files that the part's user can read; PEM, or PKCS#12 as TAK
/// servers hand out.
struct TlsSettings {
    std::string ca;           ///< the server's authority; needed unless `pin` is given
    std::string certificate;  ///< ours, with its chain; empty for none
    std::string key;          ///< of it; empty when it is in the same file
    std::string passwordFile; ///< its first line opens the key or the PKCS#12 files; empty for none
    std::string name;         ///< that the server's certificate must be for
    std::string pin; ///< "sha256:" and the hash of the server's public key; then nothing else counts

    bool operator==(const TlsSettings&) const = default;
};

/// `defaults`: what the settings file says; an option of the URL comes before it.
TlsSettings tlsSettings(const OutputUrl& url, const TlsSettings& defaults);

/// A TLS 1.2 or 1.3 client on a connected, non-blocking socket. Never without verification: the chain to
/// `ca` and the name, or the pinned key.
class TlsSession {
public:
    enum class Result { done, again, closed };

    TlsSession() = default;
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;
    virtual ~TlsSession() = default;

    /// `again`: the socket must become readable or writable first. These throw Error when TLS fails, with
    /// what the other side or the certificate did wrong.
    virtual Result handshake() = 0;
    /// Takes some of `text`, and says how much.
    virtual Result write(std::string_view text, std::size_t& taken) = 0;
    /// Reads and forgets.
    virtual Result drain() = 0;
};

/// Reads the files. Throws Error that says which one lacks what. The first call loads the module that has
/// OpenSSL in it: a sensor without a tls:// output saves its memory (docs/adr/0052).
std::unique_ptr<TlsSession> openTls(const TlsSettings& settings, int fd);

/// The name of that module, beside the program, and of its only function: `TlsSession*(const TlsSettings*,
/// int)`, which throws as openTls() does.
inline constexpr const char* tlsModule = "stinky-tak-tls.so";
inline constexpr const char* tlsFunction = "stinkyOpenTls";

} // namespace stinky::tak
