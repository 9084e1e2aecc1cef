#include "sim/route.h"

#include <gtest/gtest.h>

#include <sstream>

namespace stinky::sim::test {

namespace {

Route parse(const char* text) {
    std::istringstream stream(text);
    return Route::parse(stream, 100);
}

std::string reasonOf(const char* text) {
    try {
        parse(text);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "accepted";
}

} // namespace

TEST(Route, BetweenTwoPointsThePositionIsInProportionToTime) {
    const Route route = parse("0 48 11\n10 49 13 300\n");
    const Position position = route.positionAt(2.5);
    EXPECT_DOUBLE_EQ(position.latitude, 48.25);
    EXPECT_DOUBLE_EQ(position.longitude, 11.5);
    EXPECT_DOUBLE_EQ(position.altitude, 150);
}

TEST(Route, PointsAreHitExactly) {
    const Route route = parse("0 48.1 11.1\n5 48.2 11.2\n9 48.3 11.3\n");
    EXPECT_DOUBLE_EQ(route.positionAt(0).latitude, 48.1);
    EXPECT_DOUBLE_EQ(route.positionAt(5).longitude, 11.2);
    EXPECT_DOUBLE_EQ(route.positionAt(9).latitude, 48.3);
}

TEST(Route, ItWaitsAtTheFirstPointAndStaysAtTheLast) {
    const Route route = parse("10 48 11\n20 49 12\n");
    EXPECT_DOUBLE_EQ(route.positionAt(0).latitude, 48);
    EXPECT_DOUBLE_EQ(route.motionAt(0).speed, 0);
    EXPECT_DOUBLE_EQ(route.positionAt(1000).latitude, 49);
    EXPECT_DOUBLE_EQ(route.motionAt(1000).speed, 0);
}

TEST(Route, SpeedAndCourseFollowFromTheLeg) {
    // A minute of latitude is a nautical mile: 1853 m on the mean sphere.
    const Route north = parse("0 48 11\n60 48.0166667 11\n");
    EXPECT_NEAR(north.motionAt(30).speed, 1853.2 / 60, 0.01);
    EXPECT_NEAR(north.motionAt(30).course, 0, 1e-6);
    EXPECT_NEAR(parse("0 0 11\n60 0 11.1\n").motionAt(1).course, 90, 1e-6);
    EXPECT_NEAR(parse("0 48 11\n60 47 11\n").motionAt(1).course, 180, 1e-6);
    EXPECT_NEAR(parse("0 0 11\n60 0 10.9\n").motionAt(1).course, 270, 1e-6);
}

TEST(Route, TheDateLineIsCrossedTheShortWay) {
    const Route route = parse("0 10 179.9\n10 10 -179.9\n");
    EXPECT_NEAR(route.positionAt(2.5).longitude, 179.95, 1e-9);
    EXPECT_NEAR(route.positionAt(7.5).longitude, -179.95, 1e-9);
    EXPECT_NEAR(route.motionAt(5).course, 90, 0.1);
    EXPECT_LT(route.motionAt(5).speed, 2200);
}

TEST(Route, APointWithoutAltitudeKeepsTheOneBefore) {
    const Route route = parse("0 48 11\n1 48 11 700\n2 48 11\n");
    EXPECT_DOUBLE_EQ(route.positionAt(0).altitude, 100);
    EXPECT_DOUBLE_EQ(route.positionAt(2).altitude, 700);
}

TEST(Route, CommentsAndEmptyLinesAreSkipped) {
    const Route route = parse("# a drive\n\n  \t\r\n0 48 11 # home\r\n");
    EXPECT_DOUBLE_EQ(route.positionAt(0).latitude, 48);
}

TEST(Route, ABadLineIsNamedWithItsNumber) {
    EXPECT_EQ(reasonOf("0 48 11\nx 48 11\n"), "route, line 2: expected seconds, latitude, longitude");
    EXPECT_EQ(reasonOf("0 48\n"), "route, line 1: expected seconds, latitude, longitude");
    EXPECT_EQ(reasonOf("0 48 11 high\n"), "route, line 1: the altitude is not a number");
    EXPECT_EQ(reasonOf("0 48 11 5 6\n"), "route, line 1: more than four fields");
    EXPECT_EQ(reasonOf("0 90.1 11\n"), "route, line 1: no such place on Earth");
    EXPECT_EQ(reasonOf("0 48 -180.1\n"), "route, line 1: no such place on Earth");
    EXPECT_EQ(reasonOf("1 48 11\n1 48 12\n"), "route, line 2: its time is not after the line before");
    EXPECT_EQ(reasonOf("# nothing\n"), "route: no point in it");
}

} // namespace stinky::sim::test
