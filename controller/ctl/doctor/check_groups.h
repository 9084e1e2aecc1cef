#pragma once

#include "ctl/doctor/check.h"
#include "ctl/doctor/facts.h"

#include <string>
#include <vector>

namespace stinky::ctl {

// Their texts are made fit for a terminal.
Check ok(const char* name, const std::string& what);
Check skipped(const char* name, const std::string& what);
Check warning(const char* name, const std::string& what, const std::string& why, const std::string& fix);
Check fault(const char* name, const std::string& what, const std::string& why, const std::string& fix);

/// "a, b".
std::string joined(const std::vector<std::string>& list);

// The receiver
Check checkRule(const Facts& f);
Check checkDongle(const Facts& f);
Check checkHolders(const Facts& f);
Check checkGpsd(const Facts& f);
Check checkFix(const Facts& f);

// The card and the scanner
Check checkRadio(const Facts& f);
Check checkBlocked(const Facts& f);
Check checkUplink(const Facts& f);
Check checkRadioHolders(const Facts& f);
Check checkNetworkManager(const Facts& f);
Check checkCountry(const Facts& f);
Check checkKismet(const Facts& f);
Check checkKismetSettings(const Facts& f);

// Who may do what
Check checkPorts(const Facts& f);
Check checkSecrets(const Facts& f);
Check checkLegacyOpen(const Facts& f);
Check checkWebAccess(const Facts& f);

} // namespace stinky::ctl
