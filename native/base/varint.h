// Variable-length integers of the log: unsigned LEB128, seven bits a byte, low group first, bit 7 set on every byte
// but the last. 300 is AC 02. Signed values are folded first (zigzag): 0, -1, 1, -2 become 0, 1, 2, 3.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace heapproof {

using Bytes = std::vector<uint8_t>;

inline void PutVarint(Bytes& out, uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<uint8_t>(value) | 0x80);
    value >>= 7;
  }
  out.push_back(static_cast<uint8_t>(value));
}

inline void PutZigzag(Bytes& out, int64_t value) {
  PutVarint(out, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

inline void PutString(Bytes& out, std::string_view text) {
  PutVarint(out, text.size());
  out.insert(out.end(), text.begin(), text.end());
}

inline void PutUint32(Bytes& out, uint32_t value) {
  for (int i = 0; i < 4; i++) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

inline void PutDouble(Bytes& out, double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  for (int i = 0; i < 8; i++) out.push_back(static_cast<uint8_t>(bits >> (8 * i)));
}

// Heap sizes are multiples of eight nearly always; storing the eighth saves a byte an event. The low bit says which.
inline void PutSize(Bytes& out, uint64_t size) {
  PutVarint(out, size % 8 == 0 ? (size / 8) << 1 : (size << 1) | 1);
}

}  // namespace heapproof
