#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <set>

#include "../../../native/base/fresh_number.h"
#include "../../../native/base/sampler.h"

using namespace heapproof;

namespace {

int Hits(const SamplingRule& rule, uint64_t seed, uint64_t size, int trials) {
  Sampler sampler(rule, seed);
  int hits = 0;
  for (int i = 0; i < trials; i++) hits += sampler.Choose(size);
  return hits;
}

// Six standard deviations: a right sampler fails a check once in 500 million seeds.
bool Near(int hits, double p, int trials) {
  return std::abs(hits - trials * p) <= 6 * std::sqrt(trials * p * (1 - p));
}

const SamplingRule kDefault{0, {{128, 1e-4}, {8192, 0.1}}};

}  // namespace

TEST_CASE("by an interval: chosen with 1 - e^(-size / interval)") {
  constexpr int kTrials = 400'000;
  for (const double interval : {1.0, 512.0, 131072.0, 1048576.0}) {
    for (const uint64_t size : {16ull, 1000ull, 100'000ull, 16'777'216ull}) {
      const double p = interval <= 1 ? 1 : 1 - std::exp(-static_cast<double>(size) / interval);
      CHECK(Near(Hits({interval, {}}, 42, size, kTrials), p, kTrials));
    }
  }
}

TEST_CASE("by a table: bounds are exclusive, above the last everything (heapprof sampled everything everywhere)") {
  constexpr int kTrials = 2'000'000;
  for (const uint64_t size : {0ull, 1ull, 127ull}) CHECK(Near(Hits(kDefault, 7, size, kTrials), 1e-4, kTrials));
  for (const uint64_t size : {128ull, 8191ull}) CHECK(Near(Hits(kDefault, 7, size, kTrials), 0.1, kTrials));
  for (const uint64_t size : {8192ull, 3ull << 30, 1ull << 53}) CHECK(Hits(kDefault, 7, size, 1000) == 1000);
}

TEST_CASE("probabilities of 0 and 1, and an empty table") {
  const SamplingRule rule{0, {{100, 0}, {200, 1}}};
  CHECK(Hits(rule, 1, 99, 100'000) == 0);
  CHECK(Hits(rule, 1, 100, 1000) == 1000);
  CHECK(Hits({0, {}}, 1, 0, 1000) == 1000);
}

TEST_CASE("ranges do not disturb each other") {
  constexpr int kTrials = 1'000'000;
  Sampler sampler(kDefault, 3);
  int small = 0, middle = 0;
  for (int i = 0; i < kTrials; i++) {
    small += sampler.Choose(64);
    middle += sampler.Choose(1000);
    sampler.Choose(10'000);
  }
  CHECK(Near(small, 1e-4, kTrials));
  CHECK(Near(middle, 0.1, kTrials));
}

TEST_CASE("a seed repeats its choices, another makes others") {
  const SamplingRule rule{1000, {}};
  Sampler a(rule, 5), b(rule, 5), c(rule, 6);
  int same = 0, other = 0;
  for (int i = 0; i < 10'000; i++) {
    const bool chosen = a.Choose(100);
    same += chosen == b.Choose(100);
    other += chosen == c.Choose(100);
  }
  CHECK(same == 10'000);
  CHECK(other < 10'000);
}

TEST_CASE("the interval at which V8 draws for a table gives every range its probability, nearly") {
  // 128 bytes with 0.1: 128 / -ln(0.9) = 1214.9; 8192 with 0.999: 8192 / -ln(0.001) = 1185.9; 16 with 1e-4: 159,992.
  CHECK(kDefault.DrawInterval() == 1185);
  CHECK(SamplingRule{0, {{128, 1e-4}, {8192, 0.01}, {1ull << 40, 0.1}}}.DrawInterval() == 12735);
  CHECK(SamplingRule{0, {}}.DrawInterval() == 1);
  CHECK(SamplingRule{4096, {}}.DrawInterval() == 4096);
  CHECK(SamplingRule{0, {{16, 0.5}, {32, 1}}}.DrawInterval() == 2);  // no object is below 16 bytes
  CHECK(SamplingRule{0, {{1ull << 50, 1e-12}}}.DrawInterval() == SamplingRule::kLargestDraw);
}

TEST_CASE("thinning V8's draw gives the table's probabilities") {
  constexpr int kTrials = 2'000'000;
  const double draw = static_cast<double>(kDefault.DrawInterval());
  for (const uint64_t size : {16ull, 127ull, 128ull, 8191ull, 8192ull, 20'000ull}) {
    const SamplingRule drawn{draw, {}};
    Sampler v8(drawn, 11);
    Thinner thinner(kDefault, 12);
    int kept = 0;
    for (int i = 0; i < kTrials; i++) kept += v8.Choose(size) && thinner.Keep(size);
    const double p = std::min(kDefault.Probability(size), PoissonProbability(draw, size));
    CHECK(Near(kept, p, kTrials));
    CHECK(p >= kDefault.Probability(size) - 0.001);
  }
}

TEST_CASE("fresh numbers differ, in a forked child too") {
  std::set<uint64_t> drawn;
  for (int i = 0; i < 10'000; i++) drawn.insert(FreshNumber());
  CHECK(drawn.size() == 10'000);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < 1'000; i++) {
      const uint64_t number = FreshNumber();
      if (write(ends[1], &number, sizeof number) != sizeof number) _exit(1);
    }
    _exit(0);
  }
  for (int i = 0; i < 1'000; i++) drawn.insert(FreshNumber());
  for (int i = 0; i < 1'000; i++) {
    uint64_t number = 0;
    REQUIRE(read(ends[0], &number, sizeof number) == sizeof number);
    drawn.insert(number);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(drawn.size() == 12'000);
}
