// Which functions have a source position: a multimap from position to function, in two arrays.
//
//     heads_:    [ . | 3 | . | 4 | ... ]         by the hash of the position; one more than a place in entries_, 0: none
//                      │       │
//     entries_:  [ A │ B │ C │ D │ ... ]         in the order they came; each has the one before it with the same hash
//                  ▲───────┘
//
// Code is announced far more often than it is asked for here, some hundred thousand positions in a compiler: a node for
// each of them, or sorting them, would be much of what watching costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heapproof {

class PositionIndex {
 public:
  void Add(int32_t position, uint32_t function) {
    entries_.push_back({position, function, 0});
    if (entries_.size() > heads_.size()) Link();
    else Link(entries_.size());
  }

  // Calls `visit(function)` for each function that has `position`, in no order.
  template <typename Visit>
  void ForEach(int32_t position, Visit&& visit) const {
    if (heads_.empty()) return;
    for (uint32_t at = heads_[Home(position)]; at != 0; at = entries_[at - 1].before) {
      if (entries_[at - 1].position == position) visit(entries_[at - 1].function);
    }
  }

  // Removes the entries of functions for which `is_dead(function)`.
  template <typename IsDead>
  void Remove(IsDead&& is_dead) {
    std::erase_if(entries_, [&](const Entry& entry) { return is_dead(entry.function); });
    Link();
  }

  size_t OwnMemory() const { return entries_.capacity() * sizeof(Entry) + heads_.capacity() * sizeof(uint32_t); }

 private:
  static constexpr size_t kSmallest = 1024;  // a power of two, as all sizes

  struct Entry {
    int32_t position;
    uint32_t function;
    uint32_t before;
  };

  size_t Home(int32_t position) const {
    return (static_cast<uint32_t>(position) * 0x9E3779B1u >> 8) & (heads_.size() - 1);
  }

  void Link(size_t number) {
    uint32_t& head = heads_[Home(entries_[number - 1].position)];
    entries_[number - 1].before = head;
    head = static_cast<uint32_t>(number);
  }

  // All anew, with room for as many again.
  void Link() {
    size_t size = kSmallest;
    while (size < entries_.size() * 2) size *= 2;
    heads_.assign(size, 0);
    for (size_t number = 1; number <= entries_.size(); number++) Link(number);
  }

  std::vector<Entry> entries_;
  std::vector<uint32_t> heads_;
};

}  // namespace heapproof
