#include "allocation_code.h"

#include <algorithm>
#include <cstring>

namespace heapproof {

namespace {

// A slow path is short: the jump that leads into it lands at most this far before the call in it.
[[maybe_unused]] constexpr uint32_t kLongestSlowPath = 160;

// From the check for room to that for the last object: the fields of all others are stored between.
[[maybe_unused]] constexpr uint32_t kLongestGroup = 2048;

[[maybe_unused]] constexpr uint8_t kWideFromR13 = 0x49;  // REX.W and REX.B; with REX.R, 0x4D

// Whether nothing falls through to `at`: before it stands a jump, a return or a trap (x86-64).
[[maybe_unused]] bool StandsAlone(const uint8_t* code, int64_t at) {
  return at >= 5 && (code[at - 5] == 0xE9 || code[at - 2] == 0xEB || code[at - 1] == 0xC3 || code[at - 3] == 0xC2 ||
                     code[at - 1] == 0xCC);
}

// The register operand of an instruction, from its REX prefix and its ModRM byte.
[[maybe_unused]] uint8_t Register(uint8_t rex, uint8_t modrm) { return static_cast<uint8_t>((rex & 4) << 1 | (modrm >> 3 & 7)); }

// `op [r13 + disp8], register` at `at`: 4 bytes.
[[maybe_unused]] bool IsOfRoot(const uint8_t* at, uint8_t op) {
  return (at[0] & ~4) == kWideFromR13 && at[1] == op && (at[2] & 0xC7) == 0x45;
}

// The constant of `lea target, [base + constant]` that ends at `end`; 0 when there is none, or it is no size of an object.
[[maybe_unused]] uint32_t SizeAddedBefore(const uint8_t* code, uint32_t end, uint8_t target) {
  for (const uint32_t wide : {0u, 1u}) {
    for (const uint32_t sib : {0u, 1u}) {
      const uint32_t length = 3 + sib + (wide ? 4 : 1);
      if (end < length) continue;
      const uint8_t* at = code + end - length;
      if ((at[0] & 0xFA) != 0x48 || at[1] != 0x8D || at[2] >> 6 != (wide ? 2 : 1)) continue;
      if (((at[2] & 7) == 4) != (sib == 1) || (sib == 1 && (at[3] & 0x38) != 0x20)) continue;
      if (Register(at[0], at[2]) != target) continue;
      int32_t constant = static_cast<int8_t>(code[end - 1]);
      if (wide) std::memcpy(&constant, code + end - sizeof constant, sizeof constant);
      if (constant <= 0 || constant % 8 != 0) continue;
      return static_cast<uint32_t>(constant);
    }
  }
  return 0;
}

}  // namespace

SlowPath FindSlowPath([[maybe_unused]] const uint8_t* code, [[maybe_unused]] uint32_t offset) {
  SlowPath found;
#if defined(__x86_64__)
  const int64_t earliest = static_cast<int64_t>(offset) - kLongestSlowPath;
  // memchr: code is long, and most bytes are none of these.
  const uint8_t* at = code;
  while (offset >= 6 && at <= code + offset - 6 &&
         (at = static_cast<const uint8_t*>(std::memchr(at, 0x0F, code + offset - 5 - at))) != nullptr) {
    const uint32_t i = static_cast<uint32_t>(at++ - code);
    if ((code[i + 1] & 0xF0) != 0x80) continue;  // jcc with a 32-bit distance
    int32_t distance;
    std::memcpy(&distance, code + i + 2, sizeof distance);
    const int64_t target = static_cast<int64_t>(i) + 6 + distance;
    if (target <= i + 6 || target <= earliest || target > offset || target <= found.start) continue;
    if (StandsAlone(code, target)) found = {static_cast<uint32_t>(target), i};
  }
#endif
  return found;
}

std::vector<GroupPart> PartsOfGroup([[maybe_unused]] const uint8_t* code, [[maybe_unused]] const SlowPath& slow) {
  std::vector<GroupPart> parts;
#if defined(__x86_64__)
  constexpr uint32_t kRootOp = 4, kJump = 6, kTag = 4;
  if (slow.jump < kRootOp || !IsOfRoot(code + slow.jump - kRootOp, 0x39)) return {};
  const uint8_t* check = code + slow.jump - kRootOp;
  const uint32_t group = SizeAddedBefore(code, slow.jump - kRootOp, Register(check[0], check[2]));
  const uint32_t from = slow.jump + kJump;
  const uint32_t end = std::min(slow.start, from + kLongestGroup);
  uint32_t taken = 0;
  uint8_t top = 0;  // where V8 keeps it is what the first of them says
  for (uint32_t at = from; taken < group && at + kRootOp <= end; at++) {
    const uint8_t* store = code + at;
    if (!IsOfRoot(store, 0x89) || (!parts.empty() && store[3] != top)) continue;
    const uint32_t bytes = SizeAddedBefore(code, at, Register(store[0], store[2]));
    if (bytes == 0) continue;
    top = store[3];
    parts.push_back({at + kRootOp + kTag, bytes});
    taken += bytes;
  }
  if (taken != group || parts.size() < 2) return {};
#endif
  return parts;
}

}  // namespace heapproof
