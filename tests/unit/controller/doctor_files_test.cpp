#include "common/atomic_file.h"
#include "ctl/doctor/certificate_facts.h"
#include "ctl/doctor/checks.h"
#include "ctl/doctor/secret_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "unit/temporary_directory.h"

namespace stinky::ctl {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr long tenDays = 864'000;

/// A certificate for ten days, signed by itself.
struct Identity {
    Identity() {
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), tenDays + 60);
        X509_set_pubkey(certificate.get(), key.get());
        X509_sign(certificate.get(), key.get(), EVP_sha256());
    }

    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    std::unique_ptr<X509, void (*)(X509*)> certificate{X509_new(), X509_free};
};

class CertificateTest : public testing::Test {
protected:
    CertificateTest() {
        std::unique_ptr<FILE, int (*)(FILE*)> pem(std::fopen((folder / "pem").c_str(), "w"), std::fclose);
        PEM_write_X509(pem.get(), identity.certificate.get());
        std::unique_ptr<PKCS12, void (*)(PKCS12*)> bundle(
            PKCS12_create("atakatak", "sensor", identity.key.get(), identity.certificate.get(), nullptr, 0,
                          0, 0, 0, 0),
            PKCS12_free);
        std::unique_ptr<FILE, int (*)(FILE*)> p12(std::fopen((folder / "p12").c_str(), "w"), std::fclose);
        i2d_PKCS12_fp(p12.get(), bundle.get());
        writeFileAtomically(folder / "password", "atakatak\n", 0600, false);
        writeFileAtomically(folder / "wrong", "other\n", 0600, false);
        writeFileAtomically(folder / "garbage", "garbage", 0600, false);
    }

    test::TemporaryDirectory folder;
    Identity identity;
};

TEST_F(CertificateTest, PemAndPkcs12TellTheirDays) {
    for (const char* name : {"pem", "p12"}) {
        const CertificateFacts facts = certificateOf(folder / name, folder / "password");
        EXPECT_THAT(facts.problem, IsEmpty()) << name;
        ASSERT_TRUE(facts.daysLeft) << name;
        EXPECT_NEAR(*facts.daysLeft, 10, 0.1);
    }
}

TEST_F(CertificateTest, WhatCannotBeReadIsAProblem) {
    EXPECT_THAT(certificateOf(folder / "p12", folder / "wrong").problem, HasSubstr("not the password of"));
    EXPECT_THAT(certificateOf(folder / "p12", "").problem, HasSubstr("needs a password"));
    EXPECT_THAT(certificateOf(folder / "p12", folder / "missing").problem, HasSubstr("missing"));
    EXPECT_THAT(certificateOf(folder / "garbage", "").problem, HasSubstr("neither PEM nor PKCS#12"));
    EXPECT_THAT(certificateOf(folder / "missing", "").problem, HasSubstr("No such file"));
    writeFileAtomically(folder / "key", "-----BEGIN PRIVATE KEY-----\n", 0600, false);
    EXPECT_THAT(certificateOf(folder / "key", "").problem, HasSubstr("no certificate"));
}

Check checkCalled(const Facts& facts, const std::string& name) {
    const std::vector<Check> checks = examine(facts);
    return *std::ranges::find(checks, name, &Check::name);
}

TEST(Certificates, ThatMayNotBeLookedAtAreSkippedAndTheOthersAreNot) {
    Facts facts;
    facts.certificates = {{"/a", "Permission denied", {}, true}};
    EXPECT_EQ(checkCalled(facts, "certificates").result, Result::skipped);
    facts.certificates.push_back({"/b", "", -1, false});
    EXPECT_EQ(checkCalled(facts, "certificates").result, Result::fault);
}

TEST(Secrets, AreFoundInFoldersBelowAndWhereTheSettingsName) {
    const test::TemporaryDirectory folder;
    std::filesystem::create_directories(folder / "etc/tak");
    std::filesystem::create_directories(folder / "var/kismet");
    std::filesystem::create_directories(folder / "var/captures");
    for (const char* file : {"etc/tak/sensor.p12", "etc/tak/ca.pem", "var/kismet/login",
                             "var/captures/token.wiglecsv", "elsewhere.pem"})
        writeFileAtomically(folder / file, "x", 0644, false);
    Facts facts;
    facts.config = Config::parse("TAK_TLS_KEY=" + (folder / "elsewhere.pem"));
    gatherSecrets({folder / "etc", folder / "var"}, facts);
    std::vector<std::string> found;
    for (const SecretFacts& secret : facts.secrets)
        found.push_back(secret.path.substr(folder.path().size() + 1));
    EXPECT_THAT(found,
                testing::UnorderedElementsAre("etc/tak/sensor.p12", "var/kismet/login", "elsewhere.pem"));
    EXPECT_EQ(checkCalled(facts, "secrets").result, Result::fault);
    facts.secrets.clear();
    EXPECT_EQ(checkCalled(facts, "secrets").result, Result::ok);
    facts.secretsHidden = true;
    EXPECT_EQ(checkCalled(facts, "secrets").result, Result::skipped);
}

} // namespace
} // namespace stinky::ctl
