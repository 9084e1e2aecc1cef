#include "ctl/doctor/certificate_facts.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace stinky::ctl {
namespace {

constexpr std::size_t longestFile = 256 * 1024;
constexpr double secondsOfDay = 86400;

template <auto Function>
struct FreeBy {
    template <typename Object>
    void operator()(Object* object) const noexcept {
        Function(object);
    }
};

using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, FreeBy<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using Pkcs12Ptr = std::unique_ptr<PKCS12, FreeBy<PKCS12_free>>;

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_pop_free(stack, X509_free); }
};

BioPtr bioOf(const std::string& bytes) {
    return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

void take(const X509* certificate, CertificateFacts& facts) {
    int days = 0;
    int seconds = 0;
    if (certificate == nullptr ||
        ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate)) != 1)
        return;
    const double left = days + seconds / secondsOfDay;
    facts.daysLeft = std::min(left, facts.daysLeft.value_or(left));
}

void lookIntoBundle(PKCS12* file, const std::string& secret, CertificateFacts& facts) {
    EVP_PKEY* key = nullptr;
    X509* certificate = nullptr;
    STACK_OF(X509)* others = nullptr;
    const bool parsed = PKCS12_parse(file, secret.c_str(), &key, &certificate, &others) == 1;
    const KeyPtr ownKey(key);
    const CertificatePtr own(certificate);
    const std::unique_ptr<STACK_OF(X509), FreeStack> rest(others);
    if (!parsed)
        return;
    take(own.get(), facts);
    for (int i = 0; i < sk_X509_num(rest.get()); ++i)
        take(sk_X509_value(rest.get(), i), facts);
}

void lookIntoPkcs12(const std::string& bytes, const std::string& passwordFile, CertificateFacts& facts) {
    const BioPtr bio = bioOf(bytes);
    const Pkcs12Ptr file(d2i_PKCS12_bio(bio.get(), nullptr));
    if (!file) {
        facts.problem = "it is neither PEM nor PKCS#12";
        return;
    }
    std::string secret = passwordFile.empty() ? "" : readFile(passwordFile, 4096);
    secret = secret.substr(0, secret.find_first_of("\r\n"));
    if (PKCS12_verify_mac(file.get(), secret.c_str(), static_cast<int>(secret.size())) != 1) {
        facts.problem = passwordFile.empty() ? "it needs a password (TAK_TLS_PASSWORD_FILE=)"
                                             : "not the password of " + passwordFile;
        return;
    }
    lookIntoBundle(file.get(), secret, facts);
    if (facts.daysLeft)
        return;
    // Older TAK servers encrypt with RC2 and 3DES, which OpenSSL 3 keeps apart.
    static OSSL_PROVIDER* const standard = OSSL_PROVIDER_load(nullptr, "default");
    static OSSL_PROVIDER* const legacy = OSSL_PROVIDER_load(nullptr, "legacy");
    if (standard != nullptr && legacy != nullptr)
        lookIntoBundle(file.get(), secret, facts);
    if (!facts.daysLeft)
        facts.problem = "no certificate can be read from it";
}

} // namespace

CertificateFacts certificateOf(const std::string& path, const std::string& passwordFile) {
    CertificateFacts facts;
    facts.path = path;
    try {
        const std::string bytes = readFile(path, longestFile);
        if (bytes.find("-----BEGIN ") == std::string::npos) {
            lookIntoPkcs12(bytes, passwordFile, facts);
        } else {
            const BioPtr bio = bioOf(bytes);
            const CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
            take(certificate.get(), facts);
            if (!facts.daysLeft)
                facts.problem = "there is no certificate in it";
        }
    } catch (const Error& e) {
        facts.hidden = e.code() == EACCES || e.code() == EPERM;
        facts.problem = e.object() == path ? e.why() : e.what();
    }
    ERR_clear_error();
    return facts;
}

} // namespace stinky::ctl
