// From the bytes of a journal to what they say.
#pragma once

#include <acre/campaign/journal.hpp>

namespace acre::campaign {

/// Reads all intact frames. Changes nothing. Throws acre::Error for a file that is not a journal, is of
/// another version, or is damaged elsewhere than in a torn tail. An unfinished first frame gives no identity.
JournalContents replay(const PosixFile& file);

/// The bytes a new journal begins with: header and identity, sealed. Pure.
Bytes preamble(const Identity& identity);

}  // namespace acre::campaign
