"""Every reader of a file somebody else wrote, by name: what ``python -m benchmarks.fuzz list`` shows."""

from __future__ import annotations

from benchmarks.fuzz import readers, seeds, texts
from benchmarks.fuzz.judging import Parser
from benchmarks.fuzz.seeds import demo, encoded

_ALL = (
    Parser(
        "theory",
        "toml",
        ".toml",
        lambda: demo("workspace/demo/theory.toml", "theory_of_change/examples/*.toml"),
        readers.read_theory,
    ),
    Parser("theory-workbook", "zip", ".xlsx", seeds.theory_books, readers.read_theory_book),
    Parser("plan", "toml", ".toml", lambda: demo("workspace/demo/plans/*.toml"), readers.read_plan),
    Parser(
        "source",
        "toml",
        ".toml",
        lambda: [*demo("workspace/demo/sources/*.toml"), *encoded(texts.MAPPING)],
        readers.read_source,
    ),
    Parser("agreement", "toml", ".toml", lambda: encoded(texts.AGREEMENT), readers.read_agreement),
    Parser("area-mapping", "toml", ".toml", lambda: encoded(texts.AREAS), readers.read_area_mapping),
    Parser(
        "cohort-template", "toml", ".toml", lambda: demo("cohorts/templates/*.toml"), readers.read_template
    ),
    Parser(
        "settings",
        "toml",
        ".toml",
        lambda: encoded(texts.SETTINGS),
        readers.read_settings,
    ),
    Parser(
        "measures",
        "toml",
        ".toml",
        lambda: [*encoded(texts.TRACKED), *demo("tests/theory_of_change/strategy/measures.toml")],
        readers.read_tracked,
    ),
    Parser("code-list", "toml", ".toml", lambda: encoded(texts.CODE_LIST), readers.read_code_list),
    Parser("obligations", "toml", ".toml", lambda: encoded(texts.OBLIGATIONS), readers.read_obligations),
    Parser("evidence", "toml", ".toml", lambda: encoded(texts.EVIDENCE), readers.read_evidence),
    Parser(
        "evidence-json",
        "json",
        ".json",
        lambda: [*readers.kept(), *seeds.result_texts()],
        readers.read_evidence,
    ),
    Parser("edits", "toml", ".toml", lambda: encoded(texts.EDITS), readers.read_edits),
    Parser("csv", "table", ".csv", seeds.people_csv, readers.read_people, people=True),
    Parser("csv-gz", "gzip", ".csv.gz", lambda: seeds.written(".csv.gz"), readers.read_people, people=True),
    Parser("xlsx", "zip", ".xlsx", seeds.people_books, readers.read_people, people=True),
    Parser("ods", "zip", ".ods", seeds.people_ods, readers.read_people, people=True),
    Parser(
        "parquet", "bytes", ".parquet", lambda: seeds.written(".parquet"), readers.read_people, people=True
    ),
    Parser("stata", "bytes", ".dta", lambda: seeds.written(".dta"), readers.read_people, people=True),
    Parser("spss", "bytes", ".sav", lambda: seeds.written(".sav"), readers.read_people, people=True),
    Parser("area-csv", "table", ".csv", lambda: encoded(texts.AREA_ROWS), readers.read_areas, people=True),
    Parser("figures-csv", "table", ".csv", seeds.tracked_figures, readers.read_figures),
    Parser("figures-workbook", "zip", ".xlsx", seeds.figure_books, readers.read_figures),
    Parser("return-workbook", "zip", ".xlsx", seeds.return_books, readers.read_return),
    Parser(
        "answers",
        "table",
        ".csv",
        lambda: encoded("q1,q2,q3\n1,2,3\n,4,5\n2.5,,1\n"),
        readers.read_answers,
        people=True,
    ),
    Parser(
        "harm-weights",
        "table",
        ".csv",
        lambda: encoded("code,weight\n4/3,120\n5/1,1460.5\n"),
        readers.read_weights,
    ),
    Parser("pack", "zip", ".lcpack", lambda: [seeds.packs()["data"]], readers.read_pack, people=True),
    Parser(
        "link-pack", "zip", ".lcpack", lambda: [seeds.packs()["link"]], readers.read_link_pack, people=True
    ),
    Parser(
        "names-pack", "zip", ".lcpack", lambda: [seeds.packs()["names"]], readers.read_names_pack, people=True
    ),
    Parser("redcap-dictionary", "table", ".csv", lambda: seeds.redcap("dictionary"), readers.read_dictionary),
    Parser("claims-docx", "zip", ".docx", seeds.word_files, readers.read_document),
    Parser("claims-html", "page", ".html", lambda: encoded(texts.PAGE), readers.read_document),
    Parser("claims-markdown", "text", ".md", lambda: encoded(texts.DOCUMENT), readers.read_document),
    Parser("result-json", "json", ".json", lambda: list(seeds.result_texts()), readers.read_result),
    Parser("whole-result", "json", ".json", readers.wholes, readers.read_saved),
    Parser(
        "verdicts-json",
        "json",
        ".json",
        lambda: encoded('{"links": [{"link": "A1>P1", "answer": "works"}]}'),
        readers.read_verdicts,
    ),
    Parser("key", "toml", ".key", readers.keys, readers.read_key, people=True),
    Parser("backup", "zip", ".backup", readers.archives, readers.read_archive, people=True),
    Parser("vault", "bytes", ".vault", readers.vaults, readers.read_vault, people=True),
    Parser("outgoing-docx", "zip", ".docx", seeds.word_files, readers.read_outgoing, people=True),
    Parser("outgoing-pdf", "bytes", ".pdf", seeds.pdfs, readers.read_outgoing, people=True),
    Parser(
        "outgoing-svg",
        "page",
        ".svg",
        lambda: encoded(f"<svg><!-- {texts.NAME} --><text>a &amp; b</text></svg>"),
        readers.read_outgoing,
        people=True,
    ),
    Parser(
        "rule",
        "text",
        ".txt",
        lambda: encoded("age >= 18 and sex == 'f' or not missing(area)"),
        readers.read_rule,
    ),
)
PARSERS: dict[str, Parser] = {parser.name: parser for parser in _ALL}
