#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstddef>
#include <memory>
#include <string>

/// OpenSSL's objects and files (crypto(7)). It is no part of the library common: who uses it links
/// common_openssl.
namespace stinky::openssl {

template <auto Function>
struct FreeBy {
    template <typename Object>
    void operator()(Object* object) const noexcept {
        Function(object);
    }
};

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_pop_free(stack, X509_free); }
};

using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, FreeBy<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;

/// Bytes that a file of certificates or keys has at most.
inline constexpr std::size_t longestFile = 256 * 1024;

/// Reads from `bytes`, which must live as long.
BioPtr bioOf(const std::string& bytes);

/// The most recent error of OpenSSL in words; the queue is empty after it.
std::string lastError();

bool isPem(const std::string& bytes);

/// The first line of a file; nothing for an empty path. Throws Error.
std::string passwordIn(const std::string& path);

/// What a PKCS#12 file (RFC 7292) holds; each may be null.
struct Bundle {
    KeyPtr key;
    CertificatePtr certificate;
    StackPtr others;
};

/// Opens the PKCS#12 file at `path` that has these bytes; an old one too, as older TAK servers make them.
/// The first line of `passwordFile` is its password; empty for none. Throws Error.
Bundle openBundle(const std::string& path, const std::string& bytes, const std::string& passwordFile);

} // namespace stinky::openssl
