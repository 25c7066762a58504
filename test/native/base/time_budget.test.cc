#include <doctest/doctest.h>

#include "../../../native/base/time_budget.h"

using namespace heapproof;

namespace {

constexpr uint64_t kMillisecond = 1'000'000;

// Offers a piece of work every `step` for `duration`; what was taken of it, in nanoseconds.
uint64_t Taken(TimeBudget& budget, uint64_t& now, uint64_t piece, uint64_t step, uint64_t duration) {
  uint64_t taken = 0;
  for (const uint64_t end = now + duration; now < end; now += step) {
    if (!budget.Allows(now)) continue;
    budget.Spend(now, piece);
    taken += piece;
  }
  return taken;
}

}  // namespace

TEST_CASE("work takes its share of the time, in pieces of any length") {
  for (const uint64_t piece : {kMillisecond / 100, kMillisecond, 40 * kMillisecond, 500 * kMillisecond}) {
    uint64_t now = 7;
    TimeBudget budget(0.05, now);
    const uint64_t taken = Taken(budget, now, piece, kMillisecond / 20, 60'000 * kMillisecond);
    CHECK(taken <= 3000 * kMillisecond + 2 * piece + 10 * kMillisecond);
    // All of it when there is less to do.
    const uint64_t offered = 60'000 * 20 * piece;
    CHECK(taken >= std::min(offered, 3000 * kMillisecond - 2 * piece));
  }
}

TEST_CASE("the first piece is allowed, however long it is, and then paid back") {
  TimeBudget budget(0.1, 0);
  CHECK(budget.Allows(0));
  budget.Spend(0, 100 * kMillisecond);
  CHECK(!budget.Allows(kMillisecond));
  // 90 ms of debt, and 100 ms for the next one.
  CHECK(!budget.Allows(1899 * kMillisecond));
  CHECK(budget.Allows(1901 * kMillisecond));
}

TEST_CASE("a pause is not followed by nothing but work") {
  uint64_t now = 0;
  TimeBudget budget(0.1, now);
  budget.Spend(now, kMillisecond);
  now += 3'600'000 * kMillisecond;
  CHECK(Taken(budget, now, kMillisecond, kMillisecond, 100 * kMillisecond) <= 20 * kMillisecond);
}

TEST_CASE("work that has become cheap is allowed again") {
  uint64_t now = 0;
  TimeBudget budget(0.1, now);
  budget.Spend(now, 1000 * kMillisecond);
  now += 20'000 * kMillisecond;
  budget.Spend(now, kMillisecond);
  CHECK(budget.Allows(now + 10 * kMillisecond));
}

TEST_CASE("a short piece that takes long once does not forbid those behind it") {
  for (const uint64_t before : {0, 1, 2, 20}) {
    uint64_t now = 0;
    TimeBudget budget(0.1, now);
    for (uint64_t i = 0; i < before; i++) budget.Spend(now += kMillisecond, kMillisecond / 20);
    budget.Spend(now += kMillisecond, kMillisecond * 9 / 2);
    CHECK(budget.Allows(now + kMillisecond / 100));
  }
}

TEST_CASE("work that has become long is held to its share from the second piece on") {
  uint64_t now = 0;
  TimeBudget budget(0.1, now);
  budget.Spend(now, kMillisecond);
  CHECK(Taken(budget, now, 40 * kMillisecond, kMillisecond, 4000 * kMillisecond) <= (400 + 80 + 10) * kMillisecond);
}
