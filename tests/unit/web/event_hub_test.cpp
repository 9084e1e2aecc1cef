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

TEST(EventHub, TellsEachClientOnceAndWakesIt) {
    EventHub hub("run", 10000);
    const auto client = hub.subscribe("", "hello\n\n");
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
    EXPECT_EQ(readAll(*hub.subscribe("run-1", "hello")), "id: run-2\nevent: b\ndata: 2\n\n");
    EXPECT_EQ(readAll(*hub.subscribe("run-2", "hello")), "");
    EXPECT_THAT(readAll(*hub.subscribe("other-1", "hello")), HasSubstr("event: reset"));
    EXPECT_EQ(readAll(*hub.subscribe("run-9", "hello")), "id: run-2\nhello");
}

TEST(EventHub, ResumesOneThatHeardNothingButTheGreeting) {
    EventHub hub("run", 10000);
    hub.publish("a", "1");
    EXPECT_EQ(readAll(*hub.subscribe("", EventHub::event("now", "{}"))),
              "id: run-1\nevent: now\ndata: {}\n\n");
    hub.publish("b", "2");
    EXPECT_EQ(readAll(*hub.subscribe("run-1", "hello")), "id: run-2\nevent: b\ndata: 2\n\n");
}

TEST(EventHub, ForgetsTheOldestAndSaysSo) {
    EventHub hub("run", 200);
    const auto slow = hub.subscribe("", "");
    for (int i = 0; i < 50; ++i)
        hub.publish("a", std::string(50, 'x'));
    EXPECT_EQ(readAll(*slow), "event: reset\ndata: {}\n\n");
    hub.publish("a", "1");
    EXPECT_EQ(readAll(*slow), "id: run-51\nevent: a\ndata: 1\n\n");
}

TEST(EventHub, WhatWasForgottenCannotBeResumed) {
    EventHub hub("run", 10000);
    hub.publish("a", "1");
    hub.forget();
    EXPECT_THAT(readAll(*hub.subscribe("run-1", "hello")), HasSubstr("event: reset"));
    EXPECT_EQ(readAll(*hub.subscribe("", "hello")), "id: run-2\nhello");
}

TEST(EventHub, FiltersForEachClient) {
    EventHub hub("run", 10000);
    const auto client = hub.subscribe("", "", [](std::string_view, std::string_view of, int priority) {
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
    const auto client = hub.subscribe("", "");
    hub.endAll();
    EXPECT_EQ(hub.clients(), 0U);
    EXPECT_FALSE(client->read(buffer.data(), buffer.size()));
    std::unique_ptr<Stream> orphan;
    {
        EventHub brief("run", 1000);
        orphan = brief.subscribe("", "");
    }
    EXPECT_FALSE(orphan->read(buffer.data(), buffer.size()));
}

} // namespace
} // namespace stinky::web
