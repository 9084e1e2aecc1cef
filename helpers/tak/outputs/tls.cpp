#include "tak/outputs/tls.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/openssl.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace stinky::tak {
namespace {

using openssl::bioOf;
using openssl::BioPtr;
using openssl::Bundle;
using openssl::CertificatePtr;
using openssl::isPem;
using openssl::longestFile;

int passwordForPem(char* buffer, int size, int, void* user) {
    const std::string& secret = *static_cast<const std::string*>(user);
    const int length = std::min(size, static_cast<int>(secret.size()));
    std::copy_n(secret.begin(), length, buffer);
    return length;
}

std::string nameOf(const char* tried, const TlsSettings& settings) {
    return std::string(tried) + " " + settings.name;
}

class OpenSslSession : public TlsSession {
public:
    OpenSslSession(const TlsSettings& settings, int fd);

    Result handshake() override;
    Result write(std::string_view text, std::size_t& taken) override;
    Result drain() override;

private:
    void loadAuthority();
    void loadCertificate();
    void expectName();
    void checkPin() const;
    Result check(int result, const char* tried) const;

    TlsSettings settings_;
    std::unique_ptr<SSL_CTX, openssl::FreeBy<SSL_CTX_free>> context_;
    std::unique_ptr<SSL, openssl::FreeBy<SSL_free>> ssl_;
};

} // namespace

OpenSslSession::OpenSslSession(const TlsSettings& settings, int fd)
    : settings_(settings), context_(SSL_CTX_new(TLS_client_method())) {
    ERR_clear_error();
    if (!context_)
        throw Error("set up TLS for", settings.name, openssl::lastError());
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                         SSL_MODE_RELEASE_BUFFERS);
    loadAuthority();
    loadCertificate();
    ssl_.reset(SSL_new(context_.get()));
    if (!ssl_ || SSL_set_fd(ssl_.get(), fd) != 1)
        throw Error("set up TLS for", settings.name, openssl::lastError());
    expectName();
    SSL_set_connect_state(ssl_.get());
}

void OpenSslSession::loadAuthority() {
    // A pinned key is looked at after the handshake, by checkPin().
    if (!settings_.pin.empty())
        return;
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (settings_.ca.empty())
        throw Error("verify", settings_.name, "TAK_TLS_CA= names no authority, and the URL no pin=");
    const std::string bytes = readFile(settings_.ca, longestFile);
    X509_STORE* store = SSL_CTX_get_cert_store(context_.get());
    int added = 0;
    if (isPem(bytes)) {
        const BioPtr bio = bioOf(bytes);
        while (const CertificatePtr each{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)})
            added += X509_STORE_add_cert(store, each.get());
        ERR_clear_error();
    } else {
        const Bundle bundle = openssl::openBundle(settings_.ca, bytes, settings_.passwordFile);
        if (bundle.certificate)
            added += X509_STORE_add_cert(store, bundle.certificate.get());
        for (int i = 0; bundle.others && i < sk_X509_num(bundle.others.get()); ++i)
            added += X509_STORE_add_cert(store, sk_X509_value(bundle.others.get(), i));
    }
    if (added == 0)
        throw Error("read", settings_.ca, "no certificate in it");
    // A TAK server often is signed by an intermediate authority, and only that one is handed out.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context_.get()), X509_V_FLAG_PARTIAL_CHAIN);
}

void OpenSslSession::loadCertificate() {
    if (settings_.certificate.empty())
        return;
    SSL_CTX* context = context_.get();
    const std::string bytes = readFile(settings_.certificate, longestFile);
    if (!isPem(bytes)) {
        const Bundle bundle = openssl::openBundle(settings_.certificate, bytes, settings_.passwordFile);
        if (!bundle.key || !bundle.certificate)
            throw Error("read", settings_.certificate, "it holds no certificate with its key");
        if (SSL_CTX_use_cert_and_key(context, bundle.certificate.get(), bundle.key.get(),
                                     bundle.others.get(), 1) != 1)
            throw Error("use", settings_.certificate, openssl::lastError());
        return;
    }
    std::string secret = openssl::passwordIn(settings_.passwordFile);
    SSL_CTX_set_default_passwd_cb(context, passwordForPem);
    SSL_CTX_set_default_passwd_cb_userdata(context, &secret);
    const std::string& key = settings_.key.empty() ? settings_.certificate : settings_.key;
    if (SSL_CTX_use_certificate_chain_file(context, settings_.certificate.c_str()) != 1)
        throw Error("use the certificate in", settings_.certificate, openssl::lastError());
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        throw Error("use the key in", key, openssl::lastError());
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    SSL_CTX_set_default_passwd_cb(context, nullptr);
}

void OpenSslSession::expectName() {
    X509_VERIFY_PARAM* expected = SSL_get0_param(ssl_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, settings_.name.c_str()) == 1)
        return;
    ERR_clear_error();
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_host(expected, settings_.name.c_str(), 0) != 1 ||
        SSL_set_tlsext_host_name(ssl_.get(), settings_.name.c_str()) != 1)
        throw Error("set up TLS for", settings_.name, openssl::lastError());
}

void OpenSslSession::checkPin() const {
    if (settings_.pin.empty())
        return;
    const CertificatePtr certificate(SSL_get1_peer_certificate(ssl_.get()));
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash = {};
    unsigned length = 0;
    unsigned char* key = nullptr;
    const int size = certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &key) : -1;
    const bool hashed = size > 0 && EVP_Digest(key, static_cast<std::size_t>(size), hash.data(), &length,
                                               EVP_sha256(), nullptr) == 1;
    OPENSSL_free(key);
    std::string seen = "sha256:";
    for (unsigned i = 0; hashed && i < length; ++i) {
        constexpr char digits[] = "0123456789abcdef";
        seen += digits[hash[i] >> 4];
        seen += digits[hash[i] & 15];
    }
    if (seen != settings_.pin)
        throw Error("verify", settings_.name, "its key is " + seen + ", not the pinned one");
}

TlsSession::Result OpenSslSession::check(int result, const char* tried) const {
    const int savedErrno = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
        return Result::done;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return Result::again;
    case SSL_ERROR_ZERO_RETURN:
        return Result::closed;
    case SSL_ERROR_SYSCALL:
        if (ERR_peek_error() == 0) {
            if (savedErrno == 0)
                return Result::closed;
            throw Error::fromErrno(nameOf(tried, settings_), "", savedErrno);
        }
        [[fallthrough]];
    default:
        break;
    }
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (settings_.pin.empty() && verdict != X509_V_OK) {
        ERR_clear_error();
        const bool name =
            verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
        throw Error("verify", settings_.name,
                    name ? "its certificate is for another name; name= in the URL says which one to expect"
                         : std::string("its certificate is not accepted: ") +
                               X509_verify_cert_error_string(verdict));
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return Result::closed;
    }
    throw Error(tried, settings_.name, openssl::lastError());
}

TlsSession::Result OpenSslSession::handshake() {
    ERR_clear_error();
    errno = 0;
    const Result result = check(SSL_do_handshake(ssl_.get()), "speak TLS with");
    if (result == Result::done)
        checkPin();
    return result;
}

TlsSession::Result OpenSslSession::write(std::string_view text, std::size_t& taken) {
    ERR_clear_error();
    errno = 0;
    taken = 0;
    return check(SSL_write_ex(ssl_.get(), text.data(), text.size(), &taken), "send to");
}

TlsSession::Result OpenSslSession::drain() {
    std::array<char, 16384> forgotten;
    for (;;) {
        ERR_clear_error();
        errno = 0;
        std::size_t length = 0;
        const Result result =
            check(SSL_read_ex(ssl_.get(), forgotten.data(), forgotten.size(), &length), "read from");
        if (result != Result::done)
            return result;
    }
}

} // namespace stinky::tak

/// The module's function; see tls.h.
extern "C" __attribute__((visibility("default"))) stinky::tak::TlsSession*
stinkyOpenTls(const stinky::tak::TlsSettings* settings, int fd) {
    return new stinky::tak::OpenSslSession(*settings, fd);
}
