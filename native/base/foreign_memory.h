// Reading V8's objects where they lie.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heapproof {

inline uintptr_t WordAt(uintptr_t address) { return *reinterpret_cast<const uintptr_t*>(address); }

// Pointers to objects are marked in their lowest bit; the rest are small numbers.
inline bool IsPointer(uintptr_t word) { return (word & 3) == 1; }

// How much of it could be copied. Through the kernel, which answers with an error where the memory is not ours to read:
// while learning, a word that looks like a pointer need not be one.
size_t CopyIfReadable(uintptr_t from, void* to, size_t size);

}  // namespace heapproof
