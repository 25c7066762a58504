// One file of a recording: a prologue, then blocks with a checksum each (docs/file-format.md draws it).
#pragma once

#include <array>
#include <string>

#include "varint.h"

namespace heapproof {

using SessionId = std::array<uint8_t, 16>;

class BlockFile {
 public:
  // `kind` is 'M' or 'D'. The descriptor becomes ours only at Adopt(), so that a start that fails leaves it alone.
  explicit BlockFile(char kind) : kind_(kind) {}
  ~BlockFile() { Close(); }
  BlockFile(const BlockFile&) = delete;
  BlockFile& operator=(const BlockFile&) = delete;

  void Adopt(int fd, const SessionId& session);
  // Gives the descriptor back unclosed.
  void Release() { fd_ = -1; }

  // Writes `payload` as one block. An empty payload writes nothing. After the first failure nothing more is written:
  // a gap in the middle would let a reader take later events for earlier ones.
  void Write(const Bytes& payload);
  void Close();

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }

 private:
  void WriteAll(const uint8_t* data, size_t size);

  const char kind_;
  int fd_ = -1;
  std::string error_;
};

uint32_t Crc32(const uint8_t* data, size_t size);

}  // namespace heapproof
