// The front door: everything a program that uses acre needs.
#pragma once

#include <acre/campaign/cache.hpp>
#include <acre/campaign/results_digest.hpp>
#include <acre/executor/coro.hpp>
#include <acre/executor/executor.hpp>
#include <acre/executor/when.hpp>
#include <acre/session/parallel.hpp>
#include <acre/session/pool.hpp>
#include <acre/session/run.hpp>
#include <acre/session/session.hpp>
#include <acre/task/exception.hpp>
#include <acre/task/invoke.hpp>
#include <acre/wire/cereal.hpp>
#include <acre/wire/record.hpp>
