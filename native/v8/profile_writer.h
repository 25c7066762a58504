// The two files of a recording, or the memory that takes the place of the first where nobody wants files.
//
//     TraceTable ──► names and lines ──► .hpm      first, since events name traces
//     EventLog ────────────────────────► .hpd
//
// Lines can be looked up only where V8 may allocate. Where it may not (the program's thread is blocked, or has been in
// one builtin for long), frames are written with the start of their function, and once more when the line is known.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "../base/block_file.h"
#include "../base/event_log.h"
#include "../base/metadata_log.h"
#include "../base/trace_table.h"
#include "code_watcher.h"

namespace heapproof {

class ProfileWriter {
 public:
  ProfileWriter(CodeWatcher& code, const TraceTable& traces) : code_(code), traces_(traces) {}

  // Begins both files. Failures are kept for error().
  void OpenFiles(int metadata_fd, int event_fd, std::string_view header);
  // Keeps the first in memory, and has no second.
  void OpenMemory(std::string_view header);
  // Keeps both in memory, as long as each takes no more than `most` bytes; else both are files, of this name and .hpm or .hpd.
  void OpenMemory(const std::string& file_base, size_t most, std::string_view header);
  bool has_events() const { return has_events_; }

  EventLog& events() { return events_; }

  // Writes what is new. `may_allocate`: V8 may allocate on its heap now, and this is its thread.
  void WriteOut(bool may_allocate);
  // Whether WriteOut would write something.
  bool HasNews() const { return !events_.pending().empty() || traces_written_ < traces_.traces().size(); }
  // Whether it would, with `may_allocate`, say more exactly what it has written already.
  bool OwesLines() const { return !frames_owed_.empty() || !scripts_owed_.empty(); }
  void Close();
  // After Close: both, when they are in memory; else nothing.
  std::vector<Bytes> TakeMemory();

  // Empty, or why nothing is written any more.
  const std::string& error() const;
  // Whether a script said so far has a source map in a file of its own.
  bool names_source_maps() const { return names_source_maps_; }
  // The .hpm so far, when it is kept in memory.
  const Bytes& memory() const { return metadata_file_.memory(); }
  size_t OwnMemory() const;

 private:
  void DescribeNewTraces(bool may_allocate);
  uint32_t DescribeFunction(uint32_t function, bool may_allocate);
  CodeWatcher::Script DescribeScript(uint32_t function, bool may_allocate);
  void DescribeAgain();

  CodeWatcher& code_;
  const TraceTable& traces_;
  bool has_events_ = false;
  bool names_source_maps_ = false;

  BlockFile metadata_file_{'M'};
  BlockFile event_file_{'D'};
  MetadataLog metadata_;
  EventLog events_;

  // How much of the tables is in the .hpm already, and the numbers scripts and functions have there.
  size_t frames_written_ = 0, nodes_written_ = 0, traces_written_ = 0;
  std::unordered_map<uint32_t, uint32_t> function_numbers_;
  std::unordered_map<int, uint32_t> script_numbers_;

  // What was written while V8 could not be asked.
  std::vector<uint32_t> frames_owed_;                             // by index in the table
  std::vector<std::pair<uint32_t, uint32_t>> scripts_owed_;       // number, and a function of the script
};

}  // namespace heapproof
