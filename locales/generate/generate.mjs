// Writes locales/cldr.json from the Unicode CLDR, as npm packages carry it:
//
//	go generate ./locales
//
// It installs the packages into a temporary folder and needs npm and a registry.
// A folder that has them already can be given instead:
//
//	node locales/generate/generate.mjs path/to/node_modules
//
// Nothing in cldr.json is written by hand. Where the CLDR has no word for
// something, the gap stays inside the same language (am and pm for a part of the
// day); it is never filled from another language.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const version = "48.2.0";
const packages = ["cldr-core", "cldr-dates-full", "cldr-localenames-full", "cldr-misc-full", "cldr-numbers-full"];

// The rows of the table. A value other than the tag is the CLDR's name of the
// same language: our English is British.
const rows = {
  am: "am", ar: "ar", bg: "bg", bn: "bn", ckb: "ckb", cs: "cs", cy: "cy", en: "en-GB", es: "es", fa: "fa", "fa-AF": "fa-AF",
  fr: "fr", gu: "gu", hi: "hi", hu: "hu", it: "it", ku: "ku", lt: "lt", lv: "lv", ml: "ml", ne: "ne", om: "om", pa: "pa",
  "pa-Arab": "pa-Arab", pl: "pl", ps: "ps", pt: "pt", ro: "ro", ru: "ru", sk: "sk", so: "so", sq: "sq", sw: "sw", ta: "ta",
  ti: "ti", tr: "tr", uk: "uk", ur: "ur", vi: "vi", "zh-Hans": "zh", "zh-Hant": "zh-Hant",
};

// The languages whose names each row gives: all that bot/language can recognise.
const named = ("am ar bg bn ckb cs cy de el en es fa fa-AF fil fr gu ha haz hi hu hy ig it ka ku ln lt lv ml my ne nl om pa pl " +
  "ps pt rhg ro rom ru rw sd si sk so sq sr sw syl syr ta te th ti tr ug uk ur uz vi yo yue zh zh-Hans zh-Hant").split(" ");

const months = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

// Direction is carried by isolates around whole values, so the marks that the
// CLDR puts inside them are taken out.
const unmarked = (s) => s.replace(/[\u061C\u200E\u200F]/g, "");

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function main() {
  const given = process.argv[2];
  const modules = given ?? install();
  const table = { cldr: version, locales: {} };
  for (const [tag, name] of Object.entries(rows)) table.locales[tag] = row(modules, tag, name);
  const out = join(dirname(fileURLToPath(import.meta.url)), "..", "cldr.json");
  writeFileSync(out, print(table));
  if (!given) rmSync(dirname(modules), { recursive: true });
}

function install() {
  const dir = mkdtempSync(join(tmpdir(), "cldr-"));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--prefix", dir, ...packages.map((p) => `${p}@${version}`)], { stdio: "inherit" });
  return join(dir, "node_modules");
}

function row(modules, tag, name) {
  const read = (pkg, file) => JSON.parse(readFileSync(join(modules, pkg, file), "utf8"));
  const main = (pkg, file) => read(pkg, `main/${name}/${file}.json`).main[name];
  const core = (file) => read("cldr-core", `supplemental/${file}.json`).supplemental;
  const language = name.split("-")[0];

  const calendar = main("cldr-dates-full", "ca-gregorian").dates.calendars.gregorian;
  const wide = (part, keys, context) => keys.map((k) => part[context].wide[k]);
  const r = {
    direction: main("cldr-misc-full", "layout").layout.orientation.characterOrder === "right-to-left" ? "rtl" : "ltr",
    forms: forms(core("plurals")["plurals-type-cardinal"][language]),
    ...numbers(main("cldr-numbers-full", "numbers").numbers, core("numberingSystems").numberingSystems),
    months: wide(calendar.months, months, "format"),
    monthsAlone: wide(calendar.months, months, "stand-alone"),
    weekdays: wide(calendar.days, days, "format"),
    weekdaysAlone: wide(calendar.days, days, "stand-alone"),
    ...patterns(calendar),
    periods: periods(core("dayPeriods").dayPeriodRuleSet[language], calendar.dayPeriods["stand-alone"].wide),
    list: lists(main("cldr-misc-full", "listPatterns").listPatterns["listPattern-type-standard"]),
    names: {},
  };
  if (same(r.months, r.monthsAlone)) delete r.monthsAlone;
  if (same(r.weekdays, r.weekdaysAlone)) delete r.weekdaysAlone;
  const names = main("cldr-localenames-full", "languages").localeDisplayNames.languages;
  for (const code of named) if (names[code] && names[code] !== code) r.names[code] = unmarked(names[code]);
  return r;
}

// The plural forms that whole numbers below a million take, and "other", which
// every language needs.
function forms(rules) {
  const forms = Object.entries(rules).map(([key, rule]) => [key.replace("pluralRule-count-", ""), rule]);
  return forms.filter(([form, rule]) => form === "other" || /@integer (?!1000000,)/.test(rule)).map(([form]) => form);
}

function numbers(n, systems) {
  const system = n.defaultNumberingSystem;
  const symbols = n[`symbols-numberSystem-${system}`];
  const groups = n[`decimalFormats-numberSystem-${system}`].standard.split(".")[0].split(",").slice(1).map((g) => g.length);
  const primary = groups.at(-1);
  return {
    digits: systems[system]._digits,
    decimal: unmarked(symbols.decimal),
    group: unmarked(symbols.group),
    minus: unmarked(symbols.minusSign),
    grouping: [primary, groups.length > 1 ? groups.at(-2) : primary, Number(n.minimumGroupingDigits)],
  };
}

// A date is weekday, day and month, and the year. Where the CLDR has no pattern
// with whole words, its pattern with short ones is widened, as the ICU library does.
function patterns(calendar) {
  const available = calendar.dateTimeFormats.availableFormats;
  const widen = (pattern) =>
    pattern.replace(/'[^']*'|E+|c+|M{3,}|L{3,}/g, (field) => (field[0] === "'" ? field : field[0].repeat(4)));
  const full = calendar.dateFormats.full;
  const inWords = /MMMM|LLLL/.test(full) ? full.replace("dd", "d") : widen(available.yMMMEd);
  return {
    date: unmarked(available.MMMMEEEEd ?? widen(available.MMMMEd ?? available.MMMEd)),
    dateYear: unmarked(available.yMMMMEEEEd ?? inWords),
    time: unmarked(available.Hm).match(/H+.mm/)[0], // without a word for "o'clock"
  };
}

// From which hour on the day has which name. Rules that name one instant, such
// as noon, are left out.
function periods(rules, words) {
  const list = [];
  for (const [name, rule] of Object.entries(rules ?? {})) {
    if (!rule._from || !words[name]) continue;
    const from = parseInt(rule._from), before = parseInt(rule._before);
    list.push([from, words[name]]);
    if (before < from) list.push([0, words[name]]);
  }
  const known = list.length > 0 ? list : [[0, words.am], [12, words.pm]];
  return known.sort((a, b) => a[0] - b[0]).map(([from, word]) => ({ from, word: unmarked(word) }));
}

function lists(p) {
  return { two: unmarked(p["2"]), start: unmarked(p.start), middle: unmarked(p.middle), end: unmarked(p.end) };
}

// One field a line, so that a new CLDR shows as a readable difference.
function print(table) {
  const locales = Object.entries(table.locales).map(([tag, row]) => {
    const fields = Object.entries(row).map(([k, v]) => `      ${JSON.stringify(k)}: ${JSON.stringify(v)}`);
    return `    ${JSON.stringify(tag)}: {\n${fields.join(",\n")}\n    }`;
  });
  return `{\n  "cldr": ${JSON.stringify(table.cldr)},\n  "locales": {\n${locales.join(",\n")}\n  }\n}\n`;
}

main();
