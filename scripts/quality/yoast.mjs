// Yoast's judgement of pages: a JSON list on standard input, a list of scores on standard output.
// The researcher of each language is Yoast's own; its premium word forms are not part of the package.
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
require("loglevel").setLevel("silent");
const { assessors, Paper } = require("yoastseo");

const SEO_OF = {
  product: assessors.ProductSEOAssessor,
  category: assessors.CollectionSEOAssessor,
  brand: assessors.CollectionSEOAssessor,
  guide: assessors.SEOAssessor,
};
const GOOD = 6; // of 9: what Yoast shows in orange begins here and ends at 7

// Advance widths of Arial in thousandths of its size, in which search engines set titles.
const NARROW = { i: 222, j: 222, l: 222, "'": 191, "|": 260, " ": 278, ".": 278, ",": 278, ":": 278,
  ";": 278, "!": 278, t: 278, f: 278, I: 278, "/": 278, r: 333, "-": 333, "(": 333, ")": 333 };
const WIDE = { m: 833, w: 722, M: 833, W: 944, "@": 1015, "%": 889, "—": 1000 };
const TITLE_SIZE = 20;

function titleWidth(title) {
  const width = (sign) => NARROW[sign] ?? WIDE[sign] ?? (/\p{Lu}/u.test(sign) ? 690 : 556);
  return Math.round([...title].reduce((sum, sign) => sum + width(sign), 0) * TITLE_SIZE / 1000);
}

function judged(assessor, paper) {
  assessor.assess(paper);
  const advice = assessor
    .getValidResults()
    .filter((result) => result.getScore() <= GOOD && result.getScore() !== 0)
    .map((result) => ({
      check: result.getIdentifier(),
      score: result.getScore(),
      text: result.getText().replace(/<[^>]*>/g, ""),
    }));
  return { score: Math.round(assessor.calculateOverallScore()), advice };
}

function judge(page) {
  const paper = new Paper(page.body, {
    keyword: page.keyword,
    title: page.title,
    titleWidth: titleWidth(page.title),
    textTitle: page.headline,
    description: page.description,
    slug: page.slug,
    permalink: page.permalink,
    locale: page.locale,
  });
  const { default: Researcher } = require(
    `yoastseo/build/languageProcessing/languages/${page.language}/Researcher`,
  );
  const seo = judged(new SEO_OF[page.page_type](new Researcher(paper), {}), paper);
  const readability = judged(new assessors.ContentAssessor(new Researcher(paper), {}), paper);
  return { name: page.name, seo, readability };
}

let input = "";
for await (const piece of process.stdin) {
  input += piece;
}
process.stdout.write(JSON.stringify(JSON.parse(input).map(judge)));
