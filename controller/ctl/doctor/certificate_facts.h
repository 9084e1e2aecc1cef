#pragma once

#include "ctl/doctor/facts.h"

#include <string>

namespace stinky::ctl {

/// How long the certificate in a file is valid, PEM or PKCS#12; of a bundle the one that ends first.
/// `passwordFile` may be empty.
CertificateFacts certificateOf(const std::string& path, const std::string& passwordFile);

} // namespace stinky::ctl
