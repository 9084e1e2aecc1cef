#include "common/openssl.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

namespace stinky::openssl {
namespace {

using Pkcs12Ptr = std::unique_ptr<PKCS12, FreeBy<PKCS12_free>>;

} // namespace

BioPtr bioOf(const std::string& bytes) {
    return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string lastError() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "unknown error";
}

bool isPem(const std::string& bytes) {
    return bytes.find("-----BEGIN ") != std::string::npos;
}

std::string passwordIn(const std::string& path) {
    if (path.empty())
        return {};
    const std::string text = readFile(path, 4096);
    return text.substr(0, text.find_first_of("\r\n"));
}

Bundle openBundle(const std::string& path, const std::string& bytes, const std::string& passwordFile) {
    const BioPtr bio = bioOf(bytes);
    const Pkcs12Ptr file(d2i_PKCS12_bio(bio.get(), nullptr));
    if (!file) {
        ERR_clear_error();
        throw Error("read", path, "neither PEM nor PKCS#12");
    }
    const std::string secret = passwordIn(passwordFile);
    const auto parse = [&](Bundle& bundle) {
        EVP_PKEY* key = nullptr;
        X509* certificate = nullptr;
        STACK_OF(X509)* others = nullptr;
        const bool parsed = PKCS12_parse(file.get(), secret.c_str(), &key, &certificate, &others) == 1;
        bundle = {KeyPtr(key), CertificatePtr(certificate), StackPtr(others)};
        return parsed;
    };
    Bundle bundle;
    if (parse(bundle))
        return bundle;
    ERR_clear_error();
    if (PKCS12_verify_mac(file.get(), secret.c_str(), static_cast<int>(secret.size())) != 1) {
        ERR_clear_error();
        throw Error("open", path,
                    passwordFile.empty() ? "it needs a password (TAK_TLS_PASSWORD_FILE=)"
                                         : "not the password of " + passwordFile);
    }
    // Older TAK servers encrypt with RC2 and 3DES, which OpenSSL 3 keeps apart.
    static OSSL_PROVIDER* const standard = OSSL_PROVIDER_load(nullptr, "default");
    static OSSL_PROVIDER* const legacy = OSSL_PROVIDER_load(nullptr, "legacy");
    if (standard == nullptr || legacy == nullptr || !parse(bundle))
        throw Error("open", path, lastError());
    return bundle;
}

} // namespace stinky::openssl
