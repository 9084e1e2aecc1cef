#include "common/error.h"
#include "ctl/redact.h"
#include "ctl/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <map>

#include "temporary_directory.h"

namespace stinky::ctl {
namespace {

TEST(Redacted, TakesOutWhatIsNobodysBusiness) {
    const std::map<std::string, std::string> table = {
        {"heard 02:00:00:aa:bb:cc on 6", "heard 02:00:00:xx:xx:xx on 6"},
        {"02-00-00-AA-BB-CC", "02-00-00-xx-xx-xx"},
        {"uid stinky.pi.wifi.020000aabbcc", "uid stinky.pi.wifi.020000xxxxxx"},
        {"\"latitude\": 48.117300,", "\"latitude\": 48.1…,"},
        {"3D fix at -48.117300 11.516667", "3D fix at -48.1… 11.5…"},
        {"tls://user:pa55@tak.example.org:8089", "tls://***@tak.example.org:8089"},
        {"to \"tls://user:p@ss@tak.example.org:8089\" and udp://10.0.0.9:1",
         "to \"tls://***@tak.example.org:8089\" and udp://10.0.0.9:1"},
        {"TAK_PASSWORD=geheim", "TAK_PASSWORD=***"},
        {"\"token\": \"abc def\", \"x\": 1", "\"token\": ***, \"x\": 1"},
        {"wpa_passphrase=abc", "wpa_passphrase=***"},
        {"psk=two words", "psk=***"},
        {"password = it is \"long\"", "password = ***"},
        {"psk=\"two \\\" words\" priority=5", "psk=*** priority=5"},
        {"Passphrase='two words' x", "Passphrase=*** x"},
        {"nmcli --psk abc --ask", "nmcli --psk *** --ask"},
        {"run --wpa-passphrase \"a b\" -password c d", "run --wpa-passphrase *** -password *** d"},
        {"Authorization: Bearer abc", "Authorization: Bearer ***"},
        // what a reader of the report needs stays
        {"ready after 2.1 s, 0403:6001, 12:34:56, 239.2.3.1:6969",
         "ready after 2.1 s, 0403:6001, 12:34:56, 239.2.3.1:6969"},
        {"needs a password, or --json", "needs a password, or --json"},
        {"the anti-token list", "the anti-token list"},
        {"version 0.1.0 of 2026-11-24", "version 0.1.0 of 2026-11-24"},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(redacted(text), expected);
    EXPECT_EQ(redacted("a\nb\n\nc"), "a\nb\n\nc") << "lines stay lines";
    EXPECT_EQ(redacted("psk=\"" + std::string(1900, 'x') + "\""), "psk=***");
    EXPECT_EQ(redacted(std::string(5000, 'x')), "(a line of 5000 bytes was left out)");
}

TEST(WriteArchive, CanBeReadAndIsItsOwnersOnly) {
    const test::TemporaryDirectory folder;
    const std::string path = folder / "report.tar.gz";
    writeArchive(path, "report", {{"a.txt", "first"}, {"b.txt", std::string(100'000, 'b')}});
    struct stat st = {};
    ASSERT_EQ(stat(path.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0600u);
    EXPECT_LT(st.st_size, 10'000) << "it is compressed";
    archive* in = archive_read_new();
    archive_read_support_filter_gzip(in);
    archive_read_support_format_tar(in);
    ASSERT_EQ(archive_read_open_filename(in, path.c_str(), 4096), ARCHIVE_OK);
    std::map<std::string, std::string> files;
    archive_entry* entry = nullptr;
    while (archive_read_next_header(in, &entry) == ARCHIVE_OK) {
        std::string text(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
        archive_read_data(in, text.data(), text.size());
        files[archive_entry_pathname(entry)] = text;
    }
    archive_read_free(in);
    EXPECT_EQ(files.size(), 2u);
    EXPECT_EQ(files["report/a.txt"], "first");
    EXPECT_THROW(writeArchive(path, "report", {}), Error) << "an older one is not overwritten";
}

} // namespace
} // namespace stinky::ctl
