// acre-simulate --study: how well tasks are dealt to very many workers.
#pragma once

namespace simulate {

/// Prints the study, a table for each question; `all` also the largest trees, which take about half an hour.
/// Returns 0.
int study_command(bool all, unsigned threads);

}  // namespace simulate
