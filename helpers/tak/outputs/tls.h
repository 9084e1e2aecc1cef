#pragma once

#include "tak/outputs/output_url.h"

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>

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
    /// Reads the files. Throws Error that says which one lacks what.
    TlsSession(const TlsSettings& settings, int fd);

    enum class Result { done, again, closed };

    /// `again`: the socket must become readable or writable first. These throw Error when TLS fails, with
    /// what the other side or the certificate did wrong.
    Result handshake();
    /// Takes some of `text`, and says how much.
    Result write(std::string_view text, std::size_t& taken);
    /// Reads and forgets.
    Result drain();

private:
    struct Free {
        void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }

        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };

    void loadAuthority();
    void loadCertificate();
    void expectName();
    void checkPin() const;
    Result check(int result, const char* tried) const;

    TlsSettings settings_;
    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<SSL, Free> ssl_;
};

} // namespace stinky::tak
