// A program that forks without running another program (an add-on may) would go on with a copy of our state: with the
// same files as the parent, with locks that a thread held which the child does not have.
#pragma once

#include <atomic>

namespace heapproof {

extern std::atomic<bool> in_forked_child;

// To be called once before anything is patched or written.
void WatchForForks();

// In a child everything of ours stands still: nothing is locked, noted or written.
inline bool InForkedChild() { return in_forked_child.load(std::memory_order_relaxed); }

}  // namespace heapproof
