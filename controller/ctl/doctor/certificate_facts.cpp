#include "ctl/doctor/certificate_facts.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/openssl.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cerrno>

namespace stinky::ctl {
namespace {

constexpr double secondsOfDay = 86400;

void take(const X509* certificate, CertificateFacts& facts) {
    int days = 0;
    int seconds = 0;
    if (certificate == nullptr ||
        ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate)) != 1)
        return;
    const double left = days + seconds / secondsOfDay;
    facts.daysLeft = std::min(left, facts.daysLeft.value_or(left));
}

} // namespace

CertificateFacts certificateOf(const std::string& path, const std::string& passwordFile) {
    CertificateFacts facts;
    facts.path = path;
    try {
        const std::string bytes = readFile(path, openssl::longestFile);
        if (openssl::isPem(bytes)) {
            const openssl::BioPtr bio = openssl::bioOf(bytes);
            const openssl::CertificatePtr own(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
            take(own.get(), facts);
        } else {
            const openssl::Bundle bundle = openssl::openBundle(path, bytes, passwordFile);
            take(bundle.certificate.get(), facts);
            for (int i = 0; bundle.others && i < sk_X509_num(bundle.others.get()); ++i)
                take(sk_X509_value(bundle.others.get(), i), facts);
        }
        if (!facts.daysLeft)
            facts.problem = "there is no certificate in it";
    } catch (const Error& e) {
        facts.hidden = e.code() == EACCES || e.code() == EPERM;
        facts.problem = e.object() == path ? e.why() : e.what();
    }
    ERR_clear_error();
    return facts;
}

} // namespace stinky::ctl
