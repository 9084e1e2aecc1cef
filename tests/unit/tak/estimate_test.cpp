#include "tak/estimate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace stinky::tak {
namespace {

constexpr double latitude = 48.1173;
constexpr double longitude = 11.5167;
constexpr double metresNorth = 111195.0;
const double metresEast = metresNorth * std::cos(latitude * 3.14159265358979 / 180);

Sighting sighting(double east, double north, int rssi, double accuracy = 5) {
    return {latitude + north / metresNorth, longitude + east / metresEast, rssi, accuracy};
}

double distanceTo(const Estimate& estimate, double east, double north) {
    return estimate.metresFrom(latitude + north / metresNorth, longitude + east / metresEast);
}

TEST(Estimate, OfOneSightingIsThatPlaceWithTheDistanceThatItsStrengthStandsFor) {
    Estimate near;
    Estimate far;
    EXPECT_TRUE(near.add(sighting(0, 0, -40)));
    far.add(sighting(0, 0, -80));
    EXPECT_DOUBLE_EQ(near.latitude(), latitude);
    EXPECT_DOUBLE_EQ(near.longitude(), longitude);
    EXPECT_LT(near.error(), 12);
    EXPECT_GT(far.error(), 60);
    Estimate unknown;
    unknown.add(sighting(0, 0, 0, 0));
    EXPECT_GT(unknown.error(), 100) << "nothing is known of its strength";
}

TEST(Estimate, IsDrawnToTheLoudestPlace) {
    Estimate estimate;
    for (int i = -10; i <= 10; ++i)
        estimate.add(sighting(i * 20, 0, -50 - 2 * std::abs(i - 3)));
    EXPECT_LT(distanceTo(estimate, 60, 0), 10);
}

TEST(Estimate, TakesAParkedSensorForOnePlace) {
    Estimate estimate;
    for (int i = 0; i < 1000; ++i)
        estimate.add(sighting(i % 3, 0, -80 + i % 5));
    EXPECT_EQ(estimate.places(), 1U);
    EXPECT_FALSE(estimate.add(sighting(1, 1, -90)));
    EXPECT_TRUE(estimate.add(sighting(100, 0, -50)));
    EXPECT_LT(distanceTo(estimate, 100, 0), 15);
}

TEST(Estimate, IsNotLedAstrayByOneBadFix) {
    for (const int rssi : {-85, -60, -30}) {
        for (const std::size_t when : {0U, 3U, 7U}) {
            Estimate estimate;
            for (std::size_t i = 0; i < 8; ++i) {
                if (i == when)
                    estimate.add(sighting(5000, -3000, rssi));
                estimate.add(sighting(static_cast<double>(i) * 15 - 50, 0, -60));
            }
            EXPECT_LT(distanceTo(estimate, 0, 0), 60) << rssi << " dBm at " << when;
        }
    }
}

TEST(Estimate, SurvivesAFirstFixOnTheOtherSideOfTheWorld) {
    Estimate estimate;
    estimate.add({0, 0, -50, 5});
    for (int i = 0; i < 6; ++i)
        estimate.add(sighting(i * 10, 0, -60));
    EXPECT_LT(distanceTo(estimate, 25, 0), 20);
}

TEST(Estimate, FollowsAnAccessPointThatDrivesAlong) {
    Estimate estimate;
    for (int i = 0; i < 200; ++i)
        estimate.add(sighting(i * 20, 0, -45));
    EXPECT_LT(distanceTo(estimate, 3980, 0), 250);
}

TEST(Estimate, IsRightAtTheDateLineAndNearThePoles) {
    for (const auto& [lat, lon] :
         {std::pair{10.0, 179.9999}, {10.0, -179.9999}, {89.9999, 20.0}, {-90.0, 0.0}, {90.0, 180.0}}) {
        Estimate estimate;
        for (int i = -3; i <= 3; ++i) {
            double there = lon + i * 1e-4;
            if (there > 180)
                there -= 360;
            if (there < -180)
                there += 360;
            estimate.add({lat, there, -60, 5});
        }
        EXPECT_LT(estimate.metresFrom(lat, lon), 15) << lat << " " << lon;
        EXPECT_LE(std::abs(estimate.longitude()), 180);
        EXPECT_LE(std::abs(estimate.latitude()), 90);
    }
}

TEST(Estimate, IsFiniteWhateverComes) {
    std::mt19937 random(20261124);
    std::uniform_real_distribution<double> latitudes(-90, 90);
    std::uniform_real_distribution<double> longitudes(-180, 180);
    Estimate estimate;
    for (int i = 0; i < 20000; ++i) {
        estimate.add({latitudes(random), longitudes(random), static_cast<int>(random() % 400) - 300,
                      i % 3 == 0 ? 1e300 : static_cast<double>(random() % 100)});
        ASSERT_TRUE(std::isfinite(estimate.latitude()) && std::abs(estimate.latitude()) <= 90);
        ASSERT_TRUE(std::isfinite(estimate.longitude()) && std::abs(estimate.longitude()) <= 180);
        ASSERT_TRUE(std::isfinite(estimate.error()) && estimate.error() > 0);
    }
}

// A thousand drives past access points beside the road, with receivers that err by 5 m, shadowing of 6 dB,
// and access points that are up to 6 dB louder or fainter than the model's.
TEST(Estimate, TellsItsErrorHonestly) {
    std::mt19937 random(20261124);
    std::normal_distribution<double> shadowing(0, 6);
    std::normal_distribution<double> wander(0, 3.5);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<double> errors;
    int inside = 0;
    constexpr int drives = 1000;
    for (int drive = 0; drive < drives; ++drive) {
        const double aside = 5 + 45 * uniform(random);
        const double louder = 12 * uniform(random) - 6;
        const double stepLength = 5 + 15 * uniform(random);
        Estimate estimate;
        for (double x = -300; x <= 300; x += stepLength) {
            const double distance = std::hypot(x, aside);
            const double rssi = -30 - 27 * std::log10(distance) + louder + shadowing(random);
            if (rssi > -92)
                estimate.add(sighting(x + wander(random), wander(random), static_cast<int>(rssi)));
        }
        if (estimate.places() == 0)
            continue;
        errors.push_back(distanceTo(estimate, 0, aside));
        inside += errors.back() <= estimate.error() ? 1 : 0;
    }
    ASSERT_GT(errors.size(), 900U);
    std::sort(errors.begin(), errors.end());
    RecordProperty("median_m", std::to_string(errors[errors.size() / 2]));
    EXPECT_LT(errors[errors.size() / 2], 40) << "the way to the road itself is 27 m in the mean";
    EXPECT_GE(inside, static_cast<int>(errors.size()) * 9 / 10);
}

} // namespace
} // namespace stinky::tak
