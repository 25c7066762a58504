// Numbers that nobody has drawn before: what recordings are told apart by, and seeds.
#pragma once

#include <cstdint>

namespace heapproof {

// Another one at each call, in this process and in a child that was forked from it. From any thread.
uint64_t FreshNumber();

}  // namespace heapproof
