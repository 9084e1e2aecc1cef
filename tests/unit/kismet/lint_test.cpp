#include "kismet/known_keys.h"
#include "kismet/lint.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace stinky::kismet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> messages(std::string_view text) {
    std::vector<std::string> all;
    for (const LintProblem& problem : lint(text))
        all.push_back(std::to_string(problem.line) + ": " + problem.message);
    return all;
}

TEST(Lint, KnowsWhatIsSorted) {
    EXPECT_TRUE(std::ranges::is_sorted(knownKeys()));
    EXPECT_TRUE(std::ranges::is_sorted(knownSourceOptions()));
}

TEST(Lint, HasNothingAgainstRealSettings) {
    EXPECT_THAT(
        messages("# a comment\n\n  log_types = wiglecsv\nLOG_TITLE=x\nmask_datasource_interface+=wlan0\n"
                 "source=wlan2:name=a,channels=\"1,6,11\",channel_hop=true\r\n"
                 "source=wlan3\ngps=gpsd:host=127.0.0.1,port=2947\nopt_include=/etc/x.conf"),
        IsEmpty());
}

TEST(Lint, FindsTheDeadSettingsOfTheOldSystem) {
    EXPECT_EQ(
        lint("httpd_autologin=true\nenable_datasource=x\nallowed_interfaces=wlan2\ngps_quit_on_error=false\n"
             "gps_retry=true\nrest_api_port=2501\npersistent_session_storage=true\n")
            .size(),
        7U);
}

TEST(LogTypes, AreThoseOfAllLines) {
    using Types = std::vector<std::string>;
    EXPECT_EQ(logTypes("log_types=kismet, pcapng,kismet\n"), (Types{"kismet", "pcapng"}));
    EXPECT_EQ(logTypes("LOG_TYPES=kismet\nlog_types+=wiglecsv"), (Types{"kismet", "wiglecsv"}));
    EXPECT_EQ(logTypes("log_types="), Types{});
    EXPECT_EQ(logTypes("log_types+=kismet\n"), std::nullopt);
    EXPECT_EQ(logTypes("#log_types=kismet\nlog_title=x"), std::nullopt);
}

TEST(Lint, NamesTheLineAndTheNearest) {
    EXPECT_THAT(
        messages("log_types=wiglecsv\nlog_typs+=kismet\n"),
        ElementsAre("2: log_typs: Kismet has no such setting; the nearest that it has is log_types"));
    EXPECT_THAT(messages("zzzzzzzzzzzzzzzzzzzzz=1"),
                ElementsAre("1: zzzzzzzzzzzzzzzzzzzzz: Kismet has no such setting"));
    EXPECT_THAT(
        messages("source=wlan2:name=a,channel_hop_sped=5"),
        ElementsAre("1: channel_hop_sped: Kismet has no such option of a source; the nearest that it has is "
                    "channel_hoprate"));
    EXPECT_THAT(messages("source=wlan2:hop=true").size(), 1U);
}

TEST(Lint, TakesAppendingForWhatItIsAndNoOtherSign) {
    EXPECT_THAT(messages("log_types+=kismet"), IsEmpty());
    EXPECT_EQ(messages("log_types-=kismet").size(), 1U) << "Kismet has no -=";
}

TEST(Lint, FindsLinesWithoutAValue) {
    EXPECT_THAT(messages("log_title=\nlog_prefix\n=x"),
                ElementsAre("1: log_title: no value, Kismet would pass over it",
                            "2: log_prefix: no value, Kismet would pass over it",
                            "3: no setting before the '='"));
}

TEST(Lint, BearsAnything) {
    std::string bytes;
    for (int i = 0; i < 4096; ++i)
        bytes += static_cast<char>(i * 7);
    EXPECT_LE(lint(bytes).size(), 50U);
    EXPECT_LE(lint("source=:=,=,\"=\"\"=,x=\",").size(), 50U);
    EXPECT_LE(lint("source=wlan2:" + std::string(5000, 'a')).size(), 50U);
}

} // namespace
} // namespace stinky::kismet
