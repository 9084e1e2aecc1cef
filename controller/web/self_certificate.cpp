#include "web/self_certificate.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "web/network.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <memory>
#include <type_traits>

namespace stinky::web {
namespace {

constexpr std::time_t validSeconds = 3650L * 24 * 3600;

void must(int result) {
    if (result < 0)
        throw Error("make", "a certificate", gnutls_strerror(result));
}

struct KeyDeleter {
    void operator()(gnutls_x509_privkey_t key) const noexcept { gnutls_x509_privkey_deinit(key); }
};

struct CertificateDeleter {
    void operator()(gnutls_x509_crt_t certificate) const noexcept { gnutls_x509_crt_deinit(certificate); }
};

template <typename Handle, typename Deleter>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Deleter>;

std::string take(gnutls_datum_t data) {
    std::string text(reinterpret_cast<const char*>(data.data), data.size); // NOLINT: gnutls has bytes
    gnutls_free(data.data);
    return text;
}

void addName(gnutls_x509_crt_t certificate, const std::string& name) {
    const auto address = Address::parse(name);
    if (!address) {
        must(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, name.data(),
                                                  static_cast<unsigned>(name.size()), GNUTLS_FSAN_APPEND));
        return;
    }
    const auto& bytes = address->bytes();
    const std::size_t skipped = address->isV4() ? 12 : 0;
    must(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, bytes.data() + skipped,
                                              static_cast<unsigned>(bytes.size() - skipped),
                                              GNUTLS_FSAN_APPEND));
}

} // namespace

Certificate makeSelfSigned(const std::vector<std::string>& names) {
    gnutls_x509_privkey_t rawKey = nullptr;
    must(gnutls_x509_privkey_init(&rawKey));
    const Owned<gnutls_x509_privkey_t, KeyDeleter> key(rawKey);
    must(gnutls_x509_privkey_generate(key.get(), GNUTLS_PK_ECDSA,
                                      GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    gnutls_x509_crt_t raw = nullptr;
    must(gnutls_x509_crt_init(&raw));
    const Owned<gnutls_x509_crt_t, CertificateDeleter> certificate(raw);
    std::array<unsigned char, 16> serial = {};
    must(gnutls_rnd(GNUTLS_RND_NONCE, serial.data(), serial.size()));
    serial.front() &= 0x7fU; // a positive number
    const std::time_t now = std::time(nullptr);
    const std::string name = names.empty() ? "stinky" : names.front();
    must(gnutls_x509_crt_set_version(certificate.get(), 3));
    must(gnutls_x509_crt_set_serial(certificate.get(), serial.data(), serial.size()));
    // A day early: a machine without a clock may wake up in the past.
    must(gnutls_x509_crt_set_activation_time(certificate.get(), now - 24 * 3600));
    must(gnutls_x509_crt_set_expiration_time(certificate.get(), now + validSeconds));
    must(gnutls_x509_crt_set_dn_by_oid(certificate.get(), GNUTLS_OID_X520_COMMON_NAME, 0, name.data(),
                                       static_cast<unsigned>(name.size())));
    for (const std::string& one : names)
        addName(certificate.get(), one);
    must(gnutls_x509_crt_set_basic_constraints(certificate.get(), 0, -1));
    must(gnutls_x509_crt_set_key_usage(certificate.get(), GNUTLS_KEY_DIGITAL_SIGNATURE));
    must(gnutls_x509_crt_set_key_purpose_oid(certificate.get(), GNUTLS_KP_TLS_WWW_SERVER, 0));
    must(gnutls_x509_crt_set_key(certificate.get(), key.get()));
    must(gnutls_x509_crt_sign2(certificate.get(), certificate.get(), key.get(), GNUTLS_DIG_SHA256, 0));
    gnutls_datum_t data = {};
    must(gnutls_x509_crt_export2(certificate.get(), GNUTLS_X509_FMT_PEM, &data));
    Certificate made;
    made.chain = take(data);
    must(gnutls_x509_privkey_export2(key.get(), GNUTLS_X509_FMT_PEM, &data));
    made.key = take(data);
    return made;
}

Certificate keptSelfSigned(const std::string& directory, const std::vector<std::string>& names) {
    const std::string chain = directory + "/tls.crt";
    const std::string key = directory + "/tls.key";
    try {
        return {readFile(chain), readFile(key)};
    } catch (const Error& e) {
        if (e.code() != ENOENT)
            throw;
    }
    Certificate made = makeSelfSigned(names);
    writeFileAtomically(key, made.key, 0600, true);
    writeFileAtomically(chain, made.chain, 0600, true);
    return made;
}

} // namespace stinky::web
