#include "block_file.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "fork_guard.h"

namespace heapproof {

namespace {

constexpr uint16_t kVersion = 1;

// The IEEE polynomial, reflected: the checksum of zlib, PNG and Ethernet. Row n tells what a byte does to the checksum that
// has n more bytes behind it, so that eight bytes are taken in one step ("slicing by 8", Kounavis and Berry 2005).
struct Crc32Tables {
  static constexpr size_t kRows = 8;
  uint32_t row[kRows][256];
  constexpr Crc32Tables() : row() {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t c = i;
      for (int bit = 0; bit < 8; bit++) c = (c & 1) ? 0xEDB88320u ^ (c >> 1) : c >> 1;
      row[0][i] = c;
    }
    for (size_t n = 1; n < kRows; n++) {
      for (size_t i = 0; i < 256; i++) row[n][i] = row[0][row[n - 1][i] & 0xFF] ^ (row[n - 1][i] >> 8);
    }
  }
};
constexpr Crc32Tables kCrc32;

const char* ErrorName(int code) {
  switch (code) {
    case ENOSPC: return "ENOSPC: no space left on the device";
    case EDQUOT: return "EDQUOT: the disk quota is used up";
    case EFBIG: return "EFBIG: the file would grow past the size limit";
    case EIO: return "EIO: the device reported an error";
    case EPIPE: return "EPIPE: the reading end is closed";
    case EBADF: return "EBADF: the file was closed by somebody else";
    case EMFILE: return "EMFILE: this process has too many open files";
    default: return nullptr;
  }
}

}  // namespace

uint32_t Crc32(const uint8_t* data, size_t size) {
  uint32_t c = 0xFFFFFFFFu;
  for (; size >= Crc32Tables::kRows; size -= Crc32Tables::kRows) {
    uint32_t next = 0;
    for (size_t i = 0; i < Crc32Tables::kRows; i++) {
      const uint8_t byte = data[i] ^ (i < sizeof c ? static_cast<uint8_t>(c >> 8 * i) : uint8_t{0});
      next ^= kCrc32.row[Crc32Tables::kRows - 1 - i][byte];
    }
    c = next;
    data += Crc32Tables::kRows;
  }
  for (; size > 0; size--) c = kCrc32.row[0][(c ^ *data++) & 0xFF] ^ (c >> 8);
  return c ^ 0xFFFFFFFFu;
}

void BlockFile::Open(int fd, const SessionId& session) {
  fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (fd_ < 0) return Fail(errno);
  WritePrologue(session);
}

void BlockFile::OpenMemory(const SessionId& session) {
  in_memory_ = true;
  WritePrologue(session);
}

void BlockFile::OpenMemory(const SessionId& session, const std::string& path, size_t most) {
  path_ = path;
  most_in_memory_ = most;
  OpenMemory(session);
}

void BlockFile::Spill() {
  if (!in_memory_ || path_.empty() || failed() || InForkedChild()) return;
  in_memory_ = false;
  const Bytes held = TakeMemory();
  fd_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (fd_ < 0) return Fail(errno);
  WriteAll(held.data(), held.size());
}

void BlockFile::WritePrologue(const SessionId& session) {
  Bytes prologue = {0x89, 'H', 'P', static_cast<uint8_t>(kind_), 0x0D, 0x0A,
                    static_cast<uint8_t>(kVersion), static_cast<uint8_t>(kVersion >> 8)};
  prologue.insert(prologue.end(), session.begin(), session.end());
  WriteAll(prologue.data(), prologue.size());
}

void BlockFile::Write(const Bytes& payload) {
  if (payload.empty() || failed()) return;
  Bytes block;
  block.reserve(payload.size() + 8);
  PutUint32(block, static_cast<uint32_t>(payload.size()));
  PutUint32(block, Crc32(payload.data(), payload.size()));
  block.insert(block.end(), payload.begin(), payload.end());
  WriteAll(block.data(), block.size());
}

void BlockFile::WriteAll(const uint8_t* data, size_t size) {
  if (in_memory_) {
    memory_.insert(memory_.end(), data, data + size);
    if (!path_.empty() && memory_.size() > most_in_memory_) Spill();
    return;
  }
  // The parent goes on writing to this very file.
  if (InForkedChild()) return;
  while (size > 0) {
    const ssize_t written = write(fd_, data, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      return Fail(errno);
    }
    data += written;
    size -= static_cast<size_t>(written);
  }
}

void BlockFile::Fail(int code) {
  const char* name = ErrorName(code);
  error_ = std::string("write failed: ") + (name ? name : "errno " + std::to_string(code));
}

void BlockFile::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace heapproof
