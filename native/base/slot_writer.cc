#include "slot_writer.h"

#if HEAPPROOF_HAS_ELF

#include <cerrno>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace heapproof {

namespace {

// Whether a page can be written, without changing what is in it and without reading /proc: a futex operation that adds
// nothing fails with EFAULT where it may not write. A kernel that has no such operation gives `otherwise`.
bool Writable(const void* address, bool otherwise) {
  uint32_t nobody_waits = 0;
  const long result = syscall(SYS_futex, &nobody_waits, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, nullptr, address,
                              FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0));
  if (result >= 0) return true;
  return errno == EFAULT ? false : otherwise;
}

}  // namespace

SlotWriter::~SlotWriter() {
  if (state_ != State::kOpened) return;
  const LoadedObject::Range range = object_.read_only();
  mprotect(reinterpret_cast<void*>(range.begin), range.end - range.begin, PROT_READ);
}

SlotWriter::State SlotWriter::Table() {
  if (state_ == State::kUnknown) {
    const LoadedObject::Range range = object_.read_only();
    const bool unprotected = range.begin < range.end && Writable(reinterpret_cast<void*>(range.begin), false);
    state_ = unprotected ? State::kUnprotected : State::kProtected;
  }
  return state_;
}

bool SlotWriter::UnprotectedTable() { return Table() == State::kUnprotected; }

bool SlotWriter::IsData(void** slot) const { return object_.read_only().Holds(slot) || object_.InWritableSegment(slot); }

bool SlotWriter::Write(void** slot, void* value) {
  const LoadedObject::Range range = object_.read_only();
  if (range.Holds(slot)) {
    if (Table() == State::kProtected) {
      const bool opened =
          mprotect(reinterpret_cast<void*>(range.begin), range.end - range.begin, PROT_READ | PROT_WRITE) == 0;
      state_ = opened ? State::kOpened : State::kRefused;
    }
    if (state_ == State::kRefused) return false;
  } else if (!object_.InWritableSegment(slot) || !Writable(slot, true)) {
    return false;
  }
  // Other threads call through this slot while it changes: they must see one whole pointer or the other.
  __atomic_store_n(slot, value, __ATOMIC_RELEASE);
  return true;
}

}  // namespace heapproof

#endif
