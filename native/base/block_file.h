// One file of a recording: a prologue, then blocks with a checksum each (docs/file-format.md draws it).
#pragma once

#include <array>
#include <string>
#include <utility>

#include "varint.h"

namespace heapproof {

using SessionId = std::array<uint8_t, 16>;

class BlockFile {
 public:
  // `kind` is 'M' or 'D'.
  explicit BlockFile(char kind) : kind_(kind) {}
  ~BlockFile() { Close(); }
  BlockFile(const BlockFile&) = delete;
  BlockFile& operator=(const BlockFile&) = delete;

  // Writes to a descriptor of our own for the file that `fd` is open on; `fd` stays the caller's. It must: Node keeps
  // a list of what a worker thread opened and closes it when the thread ends, whoever has the number by then.
  void Open(int fd, const SessionId& session);
  // Keeps everything in memory instead.
  void OpenMemory(const SessionId& session);
  // The same up to `most` bytes. Once there are more, all of them are in a new file at `path`, as if it had been open from
  // the beginning.
  void OpenMemory(const SessionId& session, const std::string& path, size_t most);
  bool in_memory() const { return in_memory_; }
  // Puts into the file what could have stayed in memory.
  void Spill();
  const Bytes& memory() const { return memory_; }
  Bytes TakeMemory() { return std::move(memory_); }

  // Writes `payload` as one block. An empty payload writes nothing. After the first failure nothing more is written:
  // a gap in the middle would let a reader take later events for earlier ones.
  void Write(const Bytes& payload);
  void Close();

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }

 private:
  void WritePrologue(const SessionId& session);
  void WriteAll(const uint8_t* data, size_t size);
  void Fail(int code);

  const char kind_;
  int fd_ = -1;
  bool in_memory_ = false;
  std::string path_;  // of the file that takes what is too much for the memory; empty when nothing is too much
  size_t most_in_memory_ = 0;
  Bytes memory_;
  std::string error_;
};

uint32_t Crc32(const uint8_t* data, size_t size);

}  // namespace heapproof
