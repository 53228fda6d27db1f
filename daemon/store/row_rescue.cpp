#include "daemon/store/row_rescue.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/fault.hpp"
#include "daemon/store/mend.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/tree_reader.hpp"
#include "daemon/store/tree_shapes.hpp"

namespace gatehouse {
namespace {

/// Whose loss lets nobody in: without these rows somebody is unknown, stale or without a right, or it is only
/// history. What stands in none of these lists may keep a door shut, so that its loss is a reason to doubt.
constexpr std::array harmless{"activity",
                              "alert",
                              "audit",
                              "audit_ends",
                              "choice",
                              "command",
                              "command_floor",
                              "dead_letter",
                              "decision",
                              "door",
                              "door_commanded",
                              "door_hold",
                              "door_intent",
                              "doubted_person",
                              "event",
                              "event_cursor",
                              "invitation",
                              "issue",
                              "lane",
                              "outbox",
                              "override",
                              "person_grant",
                              "plan",
                              "plan_change",
                              "presence",
                              "proof",
                              "record",
                              "removal",
                              "run",
                              "sqlite_sequence",
                              "visit"};

bool is_harmless(const std::string& table) {
  return std::ranges::any_of(harmless, [&](const char* one) { return table == one; });
}

class Rescue {
 public:
  Rescue(const StoreImage& image, Database& db, SalvageReport& report)
      : reader_(image), db_(db), report_(report), shapes_(tree_shapes(db)) {}

  void run() {
    read_roots();
    for (const auto& shape : shapes_) {
      if (shape.is_table) empty(shape.table);
    }
    for (auto& shape : shapes_) {
      if (shape.is_table) read(shape);
    }
    if (need_strays()) {
      for (const auto& shape : shapes_) {
        if (!shape.is_table)
          walks_[shape.name] = reader_.walk(root_of(shape), shape.kind, [](const StoredRow&) {});
      }
      read_strays(TreeKind::table);
      read_strays(TreeKind::index);
    }
    if (!walks_["person_source"].whole()) sources_from_index();
    read_sequences();
    count();
  }

 private:
  std::uint32_t root_of(const TreeShape& shape) const {
    const auto found = roots_.find(shape.name);
    return found == roots_.end() ? 0 : found->second;
  }

  void read_roots() {
    // sqlite_schema: type, name, tbl_name, rootpage, sql. An index that belongs to a table without row ids is
    // the table, under which name it stands here.
    schema_ = reader_.walk(1, TreeKind::table, [&](const StoredRow& row) {
      if (row.values.size() != 5 || row.values[3].type != StoredValue::Type::integer) return;
      roots_[std::string(row.values[1].bytes)] = static_cast<std::uint32_t>(row.values[3].integer);
    });
  }

  /// What the migrations put in.
  void empty(const std::string& table) { db_.use("DELETE FROM " + table).run(); }

  void read(TreeShape& shape) {
    std::uint64_t refused = 0;
    walks_[shape.name] = reader_.walk(root_of(shape), shape.kind, [&](const StoredRow& row) {
      if (shape.fits(row) && insert(shape, row)) {
        ++kept_[shape.table];
      } else {
        ++refused;
      }
    });
    walks_[shape.name].broken_rows += refused;
  }

  bool insert(const TreeShape& shape, const StoredRow& row) {
    std::string& sql = inserts_[{&shape, row.values.size()}];
    if (sql.empty()) {
      std::string names;
      std::string marks;
      for (std::size_t i = 0; i < row.values.size(); ++i) {
        names += (i == 0 ? "\"" : ", \"") + shape.columns[i].name + '"';
        marks += i == 0 ? "?" : ", ?";
      }
      sql = "INSERT OR IGNORE INTO \"" + shape.table + "\" (" + names + ") VALUES (" + marks + ")";
    }
    try {
      Statement made = db_.use(sql);
      for (std::size_t i = 0; i < row.values.size(); ++i) {
        if (shape.columns[i].is_row_number && shape.kind == TreeKind::table) {
          made.bind(row.number);
        } else {
          bind(made, row.values[i]);
        }
      }
      return made.run() == 1;
    } catch (const StoreFault& fault) {
      if (fault.error().code == Errc::storage_full || fault.damage()) throw;
      return false;  // no such row was ever written by us
    }
  }

  static void bind(Statement& row, const StoredValue& value) {
    switch (value.type) {
      case StoredValue::Type::integer:
        row.bind(value.integer);
        return;
      case StoredValue::Type::text:
        row.bind(value.bytes);
        return;
      case StoredValue::Type::blob:
        row.bind(Blob{value.bytes});
        return;
      case StoredValue::Type::real:  // no column of ours
      case StoredValue::Type::null:
        row.bind(std::nullopt);
    }
  }

  bool lost_below(const TreeShape& shape) {
    const auto walk = walks_.find(shape.name);
    return walk == walks_.end() || walk->second.lost_inner > 0 || walk->second.leaves == 0;
  }

  bool need_strays() {
    return std::ranges::any_of(shapes_,
                               [&](const TreeShape& shape) { return shape.is_table && lost_below(shape); });
  }

  /// A page belongs to the one tree that lost an inner page and has rows like these.
  void read_strays(TreeKind kind) {
    std::vector<const TreeShape*> incomplete;
    for (const auto& shape : shapes_) {
      if (shape.kind == kind && lost_below(shape)) incomplete.push_back(&shape);
    }
    for (const auto page : reader_.strays(kind)) {
      auto owners = incomplete;
      std::uint64_t rows = 0;
      reader_.read_stray(page, [&](const StoredRow& row) {
        std::erase_if(owners, [&](const TreeShape* shape) { return !shape->fits(row); });
        ++rows;
      });
      if (rows == 0 || owners.size() != 1 || !owners.front()->is_table) continue;
      const TreeShape& owner = *owners.front();
      ++strays_;
      reader_.read_stray(page, [&](const StoredRow& row) {
        if (insert(owner, row)) ++kept_[owner.table];
      });
      ++found_[owner.name];
    }
  }

  /// Its other index has the key columns: whose record it is. That the source still has it is not known, so
  /// it does not, until the next complete read says so.
  void sources_from_index() {
    const auto index = std::ranges::find(shapes_, "person_source_by_record", &TreeShape::name);
    if (index == shapes_.end()) return;
    TreeReader again(image());
    const auto walk = again.walk(root_of(*index), index->kind, [&](const StoredRow& row) {
      if (!index->fits(row) || row.values.size() < 3) return;
      Statement made = db_.use(
          "INSERT OR IGNORE INTO person_source (integration, external_id, person, present) VALUES (?, ?, ?, "
          "0)");
      made.bind(row.values[0].integer, row.values[1].bytes, row.values[2].bytes);
      kept_["person_source"] += static_cast<std::uint64_t>(made.run());
    });
    sources_whole_ = walk.whole() && walk.leaves > 0;
  }

  /// Numbers that are never to be given again.
  void read_sequences() {
    TreeReader again(image());
    const auto root = roots_.find("sqlite_sequence");
    again.walk(root == roots_.end() ? 0 : root->second, TreeKind::table, [&](const StoredRow& row) {
      if (row.values.size() != 2 || row.values[1].type != StoredValue::Type::integer) return;
      const std::string_view table = row.values[0].bytes;
      if (db_.use("UPDATE sqlite_sequence SET seq = MAX(seq, ?) WHERE name = ?")
              .bind(row.values[1].integer, table)
              .run() == 0) {
        db_.use("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)")
            .bind(table, row.values[1].integer)
            .run();
      }
    });
  }

  void count() {
    if (!schema_.whole()) doubt("the list of the store's tables is damaged");
    if (strays_ > 0 && !reader_.free_list_whole())
      doubt("rows that were found again may have been deleted before");
    for (const auto& shape : shapes_) {
      if (!shape.is_table) continue;
      const TreeWalk& walk = walks_[shape.name];
      SalvagedTable table{.table = shape.table, .kept = kept_[shape.table]};
      table.lost_pages = walk.lost_leaves + walk.lost_inner;
      const std::uint64_t leaves = std::max<std::uint64_t>(1, walk.leaves + found_[shape.name]);
      const std::uint64_t in_a_leaf = std::max<std::uint64_t>(1, (table.kept + leaves - 1) / leaves);
      table.lost_about = walk.broken_rows + table.lost_pages * in_a_leaf;
      report_.tables.push_back(table);
      if (walk.whole()) continue;
      if (shape.table == "person") {
        report_.people_lost = true;
      } else if (shape.table == "person_source") {
        report_.sources_lost = true;
        if (!sources_whole_) doubt("it is not known who has left which source");
      } else if (shape.table == "tombstone" || shape.table == "tombstone_key") {
        report_.people_lost = true;  // who was erased may come again, as somebody new
      } else if (!is_harmless(shape.table)) {
        doubt("rows of " + shape.table + " are lost");
      }
      if (shape.table == "outbox") report_.messages_lost = true;
    }
  }

  void doubt(std::string why) {
    if (report_.doubt.empty()) report_.doubt = std::move(why);
  }

  const StoreImage& image() const { return reader_.image(); }

  TreeReader reader_;
  Database& db_;
  SalvageReport& report_;
  std::vector<TreeShape> shapes_;
  std::map<std::string, std::uint32_t> roots_;
  std::map<std::string, TreeWalk> walks_;
  std::map<std::string, std::uint64_t> kept_;
  std::map<std::string, std::uint32_t> found_;  ///< leaves, as strays
  std::map<std::pair<const TreeShape*, std::size_t>, std::string> inserts_;
  TreeWalk schema_;
  std::uint64_t strays_ = 0;
  bool sources_whole_ = false;
};

}  // namespace

void rescue_rows(const StoreImage& image, const std::filesystem::path& into, SalvageReport& report) {
  Database db(into);
  // Until it has its name it may be made anew: nothing of it has to survive a crash.
  db.script("PRAGMA journal_mode = OFF");
  db.script("PRAGMA synchronous = OFF");
  db.script("PRAGMA cache_size = -32768");
  const auto all = shipped_migrations();
  const std::size_t version =
      image.schema() == 0 ? all.size() : std::min<std::size_t>(image.schema(), all.size());
  migrate(db, into, all.first(version));
  db.script("BEGIN");
  Rescue(image, db, report).run();
  leave_to_mend(db, report);
  db.script("COMMIT");
}

}  // namespace gatehouse
