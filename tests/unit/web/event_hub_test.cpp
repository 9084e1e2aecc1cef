#include "web/event_hub.h"

#include <gmock/gmock.h>

#include <array>

namespace stinky::web {
namespace {

using ::testing::HasSubstr;

std::string readAll(Stream& stream, std::size_t piece = 100000) {
    std::string text;
    std::string buffer(piece, '\0');
    while (const auto length = stream.read(buffer.data(), buffer.size())) {
        if (*length == 0)
            break;
        text.append(buffer.data(), *length);
    }
    return text;
}

EventHub::Greeting saying(const std::string& text) {
    return [text] {
        return text;
    };
}

TEST(EventHub, TellsEachClientOnceAndWakesIt) {
    EventHub hub("run", 10000);
    const auto client = hub.subscribe("", saying("hello\n\n"));
    int woken = 0;
    client->wake = [&] {
        ++woken;
    };
    EXPECT_EQ(readAll(*client), "id: run-0\nhello\n\n");
    hub.publish("status", "{}");
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(readAll(*client, 3), "id: run-1\nevent: status\ndata: {}\n\n");
    EXPECT_EQ(readAll(*client), "");
}

TEST(EventHub, ResumesAfterAnId) {
    EventHub hub("run", 10000);
    hub.publish("a", "1");
    hub.publish("b", "2");
    EXPECT_EQ(readAll(*hub.subscribe("run-1", saying("hello"))), "id: run-2\nevent: b\ndata: 2\n\n");
    EXPECT_EQ(readAll(*hub.subscribe("run-2", saying("hello"))), "");
    EXPECT_THAT(readAll(*hub.subscribe("other-1", saying("hello"))), HasSubstr("event: reset"));
    EXPECT_EQ(readAll(*hub.subscribe("run-9", saying("hello"))),
              "id: run-2\nevent: reset\ndata: {}\n\nhello");
}

TEST(EventHub, ResumesOneThatHeardNothingButTheGreeting) {
    EventHub hub("run", 10000);
    hub.publish("a", "1");
    EXPECT_EQ(readAll(*hub.subscribe("", saying(EventHub::event("now", "{}")))),
              "id: run-1\nevent: now\ndata: {}\n\n");
    hub.publish("b", "2");
    EXPECT_EQ(readAll(*hub.subscribe("run-1", saying("hello"))), "id: run-2\nevent: b\ndata: 2\n\n");
}

TEST(EventHub, ForgetsTheOldestAndSaysSo) {
    EventHub hub("run", 200);
    std::string now;
    const auto slow = hub.subscribe("", [&] { return now; });
    now = "now";
    for (int i = 0; i < 50; ++i)
        hub.publish("a", std::string(50, 'x'));
    // How things stand is told anew: what was missed may have been the last word on it.
    EXPECT_EQ(readAll(*slow), "id: run-50\nevent: reset\ndata: {}\n\nnow");
    hub.publish("a", "1");
    EXPECT_EQ(readAll(*slow), "id: run-51\nevent: a\ndata: 1\n\n");
}

TEST(EventHub, WhatWasForgottenCannotBeResumed) {
    EventHub hub("run", 10000);
    hub.publish("a", "1");
    hub.forget();
    EXPECT_THAT(readAll(*hub.subscribe("run-1", saying("hello"))), HasSubstr("event: reset"));
    EXPECT_EQ(readAll(*hub.subscribe("", saying("hello"))), "id: run-2\nhello");
}

TEST(EventHub, FiltersForEachClient) {
    EventHub hub("run", 10000);
    const auto client =
        hub.subscribe("", saying(""), [](std::string_view, std::string_view of, int priority) {
            return of == "scan" && priority <= 4;
        });
    hub.publish("log", "1", "tak", 3);
    hub.publish("log", "2", "scan", 6);
    hub.publish("log", "3", "scan", 4);
    hub.beat();
    EXPECT_EQ(readAll(*client), "id: run-3\nevent: log\ndata: 3\n\nevent: beat\ndata: {}\n\n");
}

TEST(EventHub, EndsItsStreams) {
    std::array<char, 10> buffer = {};
    EventHub hub("run", 1000);
    const auto client = hub.subscribe("", saying(""));
    hub.endAll();
    EXPECT_EQ(hub.clients(), 0U);
    EXPECT_FALSE(client->read(buffer.data(), buffer.size()));
    std::unique_ptr<Stream> orphan;
    {
        EventHub brief("run", 1000);
        orphan = brief.subscribe("", saying(""));
    }
    EXPECT_FALSE(orphan->read(buffer.data(), buffer.size()));
}

} // namespace
} // namespace stinky::web
