// Keeps work that is done again and again below a share of the time.
//
// At a share of 5 % every 100 ms earn a credit of 5 ms. Work is allowed while the credit covers what the next piece of it
// will take, and what it takes is paid from the credit: pieces of 1 ms come every 20 ms at most, pieces of 40 ms every
// 800 ms. Credit is saved up only for a few pieces, or a pause would be followed by nothing but work.
//
// A piece will take what one of the last two took, the shorter. On a busy machine a piece of 50 us takes 5 ms once in some
// thousand (a page that is not there, a processor that is shared): with the last one for a measure, and little saved, that
// would forbid all work for the next 100 ms, although the next piece is a short one again.
#pragma once

#include <algorithm>
#include <cstdint>

namespace heapproof {

class TimeBudget {
 public:
  TimeBudget(double share, uint64_t now) : share_(share), last_(now) {}

  // All times in nanoseconds; `now` never runs back.
  bool Allows(uint64_t now) const { return Credit(now) >= expected_; }

  void Spend(uint64_t now, uint64_t took) {
    credit_ = Credit(now) - static_cast<double>(took);
    last_ = now;
    const double piece = static_cast<double>(took);
    expected_ = last_piece_ == 0 ? piece : std::min(piece, last_piece_);
    last_piece_ = piece;
  }

 private:
  static constexpr double kPiecesSaved = 8;
  static constexpr double kLeastSaved = 10e6;  // nanoseconds

  double Credit(uint64_t now) const {
    const double earned = credit_ + share_ * static_cast<double>(now - last_);
    return std::min(earned, std::max(kLeastSaved, kPiecesSaved * expected_));
  }

  const double share_;
  uint64_t last_;
  double credit_ = kLeastSaved;
  double expected_ = 0;
  double last_piece_ = 0;
};

}  // namespace heapproof
