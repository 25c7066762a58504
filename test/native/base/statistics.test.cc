// The distributions of base/sampler.h, by chi-square. Seeds are fixed, so a check is right for ever or wrong for ever; the
// limits are such that a right sampler passes nearly every seed. Every limit lies six standard deviations out, which
// chance exceeds twice in 10^9, and fewer than 500 checks depend on chance: less than one seed in a million fails.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../../../native/base/sampler.h"

using namespace heapproof;

namespace {

constexpr double kZ = 6;

// The chi-square that `freedom` degrees exceed at z standard deviations of a normal distribution (Wilson and Hilferty's
// cube root; better than 0.1 % for 30 degrees and more).
double ChiSquareLimit(double freedom, double z = kZ) {
  const double part = 2 / (9 * freedom);
  return freedom * std::pow(1 - part + z * std::sqrt(part), 3);
}

double ChiSquare(const std::vector<double>& seen, const std::vector<double>& expected) {
  double sum = 0;
  for (size_t i = 0; i < seen.size(); i++) sum += (seen[i] - expected[i]) * (seen[i] - expected[i]) / expected[i];
  return sum;
}

// Trials from one hit to the next, when each is one with probability p: geometric. Cut into `bins` of equal probability
// as nearly as whole numbers allow, by what the distribution function says at each number.
double ChiSquareOfGaps(Sampler& sampler, uint64_t size, double p, int hits, size_t bins, double& freedom) {
  const auto bin_of = [&](uint64_t gap) {
    const double below = -std::expm1(static_cast<double>(gap - 1) * std::log1p(-p));  // P(trials < gap)
    return std::min(bins - 1, static_cast<size_t>(below * static_cast<double>(bins)));
  };
  std::vector<double> expected(bins), seen(bins);
  double mass = p;  // P(trials == gap)
  for (uint64_t gap = 1; mass > 1e-18 && gap < 40 / p; gap++, mass *= 1 - p) expected[bin_of(gap)] += mass * hits;
  for (int hit = 0; hit < hits; hit++) {
    uint64_t gap = 1;
    while (!sampler.Choose(size)) gap++;
    seen[bin_of(gap)]++;
  }
  std::vector<double> seen_filled, expected_filled;  // with a large p some bins lie between two whole numbers
  for (size_t i = 0; i < bins; i++) {
    if (expected[i] < 10) continue;
    expected_filled.push_back(expected[i]);
    seen_filled.push_back(seen[i]);
  }
  freedom = static_cast<double>(seen_filled.size()) - 1;
  return ChiSquare(seen_filled, expected_filled);
}

const SamplingRule kDefault{0, {{128, 1e-4}, {8192, 0.1}}};

}  // namespace

TEST_CASE("random numbers are uniform, one by one and in pairs") {
  constexpr int kNumbers = 1'000'000, kBins = 256, kSide = 32;
  Random random(1);
  std::vector<double> bins(kBins), pairs(kSide * kSide);
  double last = random.Uniform(), smallest = 1, largest = 0;
  for (int i = 0; i < kNumbers; i++) {
    const double number = random.Uniform();
    smallest = std::min(smallest, number);
    largest = std::max(largest, number);
    bins[std::min(kBins - 1, static_cast<int>(number * kBins))]++;
    pairs[std::min(kSide - 1, static_cast<int>(last * kSide)) * kSide + std::min(kSide - 1, static_cast<int>(number * kSide))]++;
    last = number;
  }
  CHECK(smallest > 0);
  CHECK(largest <= 1);
  CHECK(ChiSquare(bins, std::vector<double>(kBins, 1.0 * kNumbers / kBins)) < ChiSquareLimit(kBins - 1));
  CHECK(ChiSquare(pairs, std::vector<double>(pairs.size(), 1.0 * kNumbers / (kSide * kSide))) <
        ChiSquareLimit(kSide * kSide - 1));
}

TEST_CASE("every bit of the random numbers is set half of the time, whatever the seed") {
  constexpr int kNumbers = 100'000;
  for (const uint64_t seed : {0ull, 1ull, 2ull, ~0ull}) {
    Random random(seed);
    std::vector<int> ones(64);
    for (int i = 0; i < kNumbers; i++) {
      uint64_t number = random.Next();
      for (int bit = 0; bit < 64; bit++) ones[bit] += number >> bit & 1;
    }
    for (const int count : ones) CHECK(std::abs(count - kNumbers / 2) < kZ * std::sqrt(kNumbers) / 2);
  }
}

TEST_CASE("by an interval: trials between hits are geometric") {
  for (const auto& [interval, size] : std::vector<std::pair<double, uint64_t>>{
           {64, 16}, {512, 48}, {512, 512}, {16384, 1000}, {131072, 4096}, {1048576, 16384}, {1048576, 1048576}}) {
    const SamplingRule rule{interval, {}};
    Sampler sampler(rule, 3);
    double freedom = 0;
    const double chi = ChiSquareOfGaps(sampler, size, PoissonProbability(interval, size), 100'000, 40, freedom);
    CAPTURE(interval);
    CAPTURE(size);
    CHECK(chi < ChiSquareLimit(freedom, 7));  // few degrees where p is large: the root is less exact there
  }
}

TEST_CASE("by a table: trials between hits are geometric, B1: with the probability that the table says") {
  for (const double p : {1e-4, 0.001, 0.1, 0.5, 0.9}) {
    const SamplingRule rule{0, {{128, p}}};
    Sampler sampler(rule, 4);
    double freedom = 0;
    const double chi = ChiSquareOfGaps(sampler, 64, p, p < 0.001 ? 10'000 : 100'000, 40, freedom);
    CAPTURE(p);
    CHECK(chi < ChiSquareLimit(freedom, 7));
  }
}

// One run estimates bytes and number of a mixture of sizes from what was chosen. The mean of the runs must be the truth,
// and their deviation at most 1.1 times that of independent draws. Each run makes at least one expected hit of its
// rarest size, so the variance of 4,000 runs is known to sqrt((2 + 1) / 4000) = 2.7 %: 1.1 * 1.1 is 7.6 of that out.
TEST_CASE("estimates of a mixture are unbiased and no more spread than independent draws") {
  constexpr int kRuns = 4000, kRounds = 64;
  struct Mixture {
    SamplingRule rule;
    std::vector<uint64_t> sizes;
  };
  const Mixture mixtures[] = {
      {{512, {}}, {8, 16, 48, 128, 1000, 2048}},
      {{16384, {}}, {256, 1000, 4096, 16384, 65536}},
      {{1048576, {}}, {16384, 65536, 1 << 20, 4 << 20}},
      {{0, {{128, 0.02}, {8192, 0.1}}}, {0, 16, 127, 128, 8191}},
      {{0, {{1000, 0.02}, {1 << 20, 0.3}}}, {16, 999, 1000, 100'000, (1 << 20) - 1}},
  };
  for (const auto& [rule, sizes] : mixtures) {
    double truth[2] = {0, 0}, variance[2] = {0, 0};  // of bytes, of the number
    std::vector<double> weights;
    for (const uint64_t size : sizes) {
      const double p = rule.Probability(size), s = static_cast<double>(size);
      weights.push_back(1 / p);
      truth[0] += kRounds * s;
      truth[1] += kRounds;
      variance[0] += kRounds * s * s * (1 - p) / p;
      variance[1] += kRounds * (1 - p) / p;
    }
    Sampler sampler(rule, 5);
    double sum[2] = {0, 0}, squares[2] = {0, 0};
    for (int run = 0; run < kRuns; run++) {
      double estimate[2] = {0, 0};
      for (int round = 0; round < kRounds; round++) {
        for (size_t i = 0; i < sizes.size(); i++) {
          if (!sampler.Choose(sizes[i])) continue;
          estimate[0] += weights[i] * static_cast<double>(sizes[i]);
          estimate[1] += weights[i];
        }
      }
      for (int k = 0; k < 2; k++) {
        sum[k] += estimate[k] - truth[k];
        squares[k] += (estimate[k] - truth[k]) * (estimate[k] - truth[k]);
      }
    }
    CAPTURE(rule.interval);
    for (int k = 0; k < 2; k++) {
      CAPTURE(k);
      CHECK(std::abs(sum[k] / kRuns) < kZ * std::sqrt(variance[k] / kRuns));
      CHECK(std::sqrt(squares[k] / kRuns / variance[k]) < 1.1);
      CHECK(std::sqrt(squares[k] / kRuns / variance[k]) > 0.9);
    }
  }
}

TEST_CASE("sizes at the ends: nothing at size 0, everything at 2^53, everything at interval 1") {
  for (const double interval : {2.0, 512.0, 1073741824.0}) {
    const SamplingRule rule{interval, {}};
    Sampler sampler(rule, 6);
    int empty = 0, huge = 0;
    for (int i = 0; i < 10'000; i++) {
      empty += sampler.Choose(0);
      huge += sampler.Choose(1ull << 53);
    }
    CHECK(empty == 0);
    CHECK(huge == 10'000);
  }
  const SamplingRule everything{1, {}};
  Sampler sampler(everything, 6);
  for (const uint64_t size : {0ull, 1ull, 16ull, 1ull << 53}) {
    int hits = 0;
    for (int i = 0; i < 1000; i++) hits += sampler.Choose(size);
    CHECK(hits == 1000);
  }
}

// mprofile kept the countdown of the last recording: after one at 2^30 bytes the next, which should take everything,
// took nothing.
TEST_CASE("mprofile's countdown: a sampler begins afresh, whatever interval another had in its place") {
  SamplingRule rule{1073741824, {}};
  Sampler place(rule, 7);
  CHECK_FALSE(place.Choose(1000));
  rule.interval = 1000;
  place = Sampler(rule, 8);
  int hits = 0;
  for (int i = 0; i < 10'000; i++) hits += place.Choose(1000);
  const double p = PoissonProbability(1000, 1000);
  CHECK(std::abs(hits - 10'000 * p) < kZ * std::sqrt(10'000 * p * (1 - p)));
}
