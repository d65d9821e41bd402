#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include <acre/base/error.hpp>
#include <acre/cluster/agent.hpp>
#include <acre/cluster/parking.hpp>
#include <acre/cluster/remote_agents.hpp>
#include <acre/cluster/topology.hpp>
#include <acre/launch/cpus.hpp>
#include <acre/launch/host.hpp>
#include <acre/launch/numeric_class.hpp>
#include <acre/launch/offer.hpp>
#include <acre/launch/signals.hpp>
#include <acre/launch/usable_cpus.hpp>
#include <acre/observe/say.hpp>
#include <acre/session/launched.hpp>
#include <acre/task/function.hpp>

namespace acre::session {
namespace {

// A name that nobody else on the machine can guess, for the ranks of one node to meet under.
std::string random_token() {
  std::random_device random;
  std::string token = "acre-";
  for (int i = 0; i < 4; ++i) token += std::to_string(random()) + "-";
  return token;
}

class Rank {
 public:
  Rank(const Program& program, const launch::Environment& environment, const launch::Launch& launch,
       const launch::Settings& settings)
      : program_(program), environment_(environment), launch_(launch), settings_(settings) {}

  int run() {
    // mpirun may be killed: what it started must not live on. Not inherited by the zygote, which watches this
    // rank.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int usable = launch::usable_cpus();
    auto zygote = std::make_unique<node::Zygote>();
    cluster::Runtime mpi;
    try {
      const int status = take_part(mpi, zygote, usable);
      mpi.finalize();
      return status;
    } catch (const cluster::Refused& refused) {
      if (mpi.rank() == 0) report(refused);
      mpi.finalize();
      return 1;
    } catch (const std::exception& error) {
      report(error);
      zygote.reset();
      MPI_Abort(MPI_COMM_WORLD, 1);
      return 1;
    }
  }

 private:
  cluster::RankCard card(const std::string& token) const {
    return {
        launch::host_name(),   launch::boot_id(), task::program_build_id(), launch::numeric_class(), token,
        launch::allowed_cpus()};
  }

  int take_part(const cluster::Runtime& mpi, std::unique_ptr<node::Zygote>& zygote, int usable) {
    if (launch_.size_hint > 1 && mpi.size() == 1)
      throw cluster::Refused(
          launch_.launcher + " started " + std::to_string(launch_.size_hint) +
          " copies of this program that do not know each other: use the mpirun of the MPI it was "
          "built with, or srun --mpi=pmix");
    const cluster::Topology topology = cluster::meet(mpi, card(random_token()), settings_.ranks_per_node);
    const int agent = topology.agent_of(mpi.rank());
    const bool is_agent = agent == mpi.rank();
    const std::string& lot_name = topology.cards[static_cast<std::size_t>(agent)].token;
    std::optional<cluster::ParkingLot> lot;
    if (is_agent) lot.emplace(lot_name);
    MPI_Comm agents = MPI_COMM_NULL;
    cluster::check(MPI_Comm_split(mpi.world(), is_agent ? 0 : MPI_UNDEFINED, mpi.rank(), &agents),
                   "MPI_Comm_split");
    cluster::check(MPI_Barrier(mpi.world()), "MPI_Barrier");  // every lot is open
    if (!is_agent) {
      zygote.reset();
      park(lot_name);
      return 0;
    }
    const cluster::Node& node = topology.node_of(mpi.rank());
    lot->admit(node.ranks.size() - 1);
    cluster::Link link(agents);
    const int status = mpi.rank() == 0 ? be_root(topology, link, *lot, *zygote, usable)
                                       : be_agent(topology, link, *lot, *zygote);
    zygote.reset();
    link.close();
    lot->release();
    return status;
  }

  // A launcher that sees a rank die ends the others, and says so itself: only one that does not is told to.
  static void park(const std::string& lot_name) {
    constexpr std::chrono::seconds patience(3);
    try {
      cluster::park(lot_name);
    } catch (const Error&) {
      std::this_thread::sleep_for(patience);
      throw;
    }
  }

  launch::Offer offer_of(const cluster::Node& node) const {
    return launch::offer_of(environment_, settings_, static_cast<int>(node.cpus.size()),
                            static_cast<int>(node.ranks.size()));
  }

  int be_agent(const cluster::Topology& topology, cluster::Link& link, cluster::ParkingLot& lot,
               node::Zygote& zygote) const {
    const cluster::Node& node = topology.node_of(topology.rank);
    cluster::Agent agent(link, zygote, {0, topology.rank, launch::host_name(), offer_of(node), node.cpus});
    launch::SignalWatch signals;
    std::vector<int> extra = lot.descriptors();
    extra.push_back(signals.descriptor());
    agent.serve(extra, [&] {
      bool drain = lot.drain_asked();
      while (signals.next()) drain = true;
      return drain;
    });
    return 0;
  }

  int be_root(const cluster::Topology& topology, cluster::Link& link, cluster::ParkingLot& lot,
              node::Zygote& zygote, int usable) const {
    const cluster::Node& node = topology.nodes.front();
    warn(topology, usable);
    Plan plan = plan_of(program_, environment_, launch_, settings_);
    for (const cluster::RankCard& card : topology.cards) plan.hosts.push_back(card.host);
    plan.nodes = static_cast<int>(topology.nodes.size());
    plan.cpus = node.cpus;
    plan.offer = offer_of(node);
    plan.drain_descriptors = lot.descriptors();
    std::vector<int> agents;
    for (int i = 1; i < plan.nodes; ++i) agents.push_back(i);
    const auto remote = [&, event_log = plan.event_log](const node::PoolSetup& setup,
                                                        const ExecutorOptions& options,
                                                        const executor::EngineOptions& made) {
      std::vector<std::unique_ptr<node::MemberGroup>> groups;
      if (agents.empty()) return groups;
      const cluster::Open open{.channel = cluster::control_channel + made.number,
                               .workers = options.workers,
                               .memory_per_worker_bytes = options.memory_per_worker_bytes,
                               .backoff_ns = made.policy.backoff.count(),
                               .max_strikes = made.policy.max_strikes,
                               .speculate_after = made.policy.speculate_after,
                               .event_log = event_log,
                               .setup = setup};
      // The signal reaches the watch's thread, which may take the engines' locks; this one holds one of them.
      groups.push_back(
          std::make_unique<cluster::RemoteAgents>(link, agents, open, [] { ::kill(::getpid(), SIGUSR1); }));
      return groups;
    };
    const int status = run_program(program_, zygote, std::move(plan), remote);
    cluster::finish_agents(link, agents);
    return status;
  }

  void warn(const cluster::Topology& topology, int usable) const {
    const std::vector<cluster::RankCard>& cards = topology.cards;
    const std::size_t bound = topology.nodes.front().cpus.size();
    if (static_cast<int>(bound) < usable && !settings_.workers && !settings_.ranks_per_node)
      observe::say("note: " + launch_.launcher + " bound this job to " + std::to_string(bound) + " of the " +
                   std::to_string(usable) + " CPUs of " + cards.front().host +
                   ": to use them all, start one rank per core or bind to none (mpirun --bind-to none)");
    const auto other = std::find_if(cards.begin(), cards.end(), [&](const cluster::RankCard& card) {
      return card.numeric_class != cards.front().numeric_class;
    });
    if (other != cards.end())
      observe::say(
          "note: " + cards.front().host + " and " + other->host +
          " differ in CPU features or caches: results that use libm or BLAS may differ in the last bits");
  }

  const Program& program_;
  const launch::Environment& environment_;
  const launch::Launch& launch_;
  const launch::Settings& settings_;
};
}  // namespace

int run_launched(const Program& program, const launch::Environment& environment, const launch::Launch& launch,
                 const launch::Settings& settings) {
  return Rank(program, environment, launch, settings).run();
}

}  // namespace acre::session
