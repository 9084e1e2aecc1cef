#include "ctl/doctor/secret_facts.h"

#include "common/text.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <initializer_list>
#include <set>
#include <string_view>

namespace stinky::ctl {
namespace {

namespace fs = std::filesystem;

constexpr int deepest = 3;
constexpr std::size_t longestPath = 4096;

bool soundsSecret(const std::string& name) {
    const std::initializer_list<std::string_view> words = {".key",  ".p12",     ".pfx",
                                                           "token", "password", "secret"};
    return name == "login" || std::ranges::any_of(words, [&](std::string_view word) {
               return name.find(word) != std::string::npos;
           });
}

/// Files that are to be looked at, of a folder and those in it. What the scanners write is none of them and
/// may be thousands.
void collect(const fs::path& folder, std::set<std::string>& files, bool& hidden) {
    std::error_code error;
    fs::recursive_directory_iterator at(folder, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
        if (at.depth() >= deepest || at->path().filename() == "captures")
            at.disable_recursion_pending();
        if (soundsSecret(at->path().filename()))
            files.insert(at->path());
    }
    hidden = hidden || error == std::errc::permission_denied;
}

} // namespace

void gatherSecrets(const std::vector<std::string>& folders, Facts& facts) {
    std::set<std::string> files;
    for (const std::string& folder : folders)
        collect(folder, files, facts.secretsHidden);
    for (const char* key : {"TAK_TLS_CERT", "TAK_TLS_KEY", "TAK_TLS_PASSWORD_FILE"}) {
        const std::string& file = facts.config.text(key);
        // A certificate alone is no secret; PKCS#12 has the key in it, and so has PEM without TAK_TLS_KEY=.
        const bool certificateOnly =
            std::string_view(key) == "TAK_TLS_CERT" && !facts.config.text("TAK_TLS_KEY").empty();
        if (!file.empty() && !certificateOnly)
            files.insert(file);
    }
    for (const std::string& file : files) {
        struct stat st = {};
        if (stat(file.c_str(), &st) == 0 && S_ISREG(st.st_mode))
            facts.secrets.push_back({displayText(file, longestPath), st.st_mode & 07777U});
        else
            facts.secretsHidden = facts.secretsHidden || errno == EACCES;
    }
}

} // namespace stinky::ctl
