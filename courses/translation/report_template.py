"""The page of the report, in Jinja2's language, and its look."""

STYLE = """
:root { color-scheme: light dark; --back: #fff; --soft: #f3f5f7; --line: #d5dae0; --text: #1b1f24;
  --quiet: #59636e; --strong: #1a56b0; --odd: #a8330a; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171b; --soft: #1e2329; --line: #3a424c; --text: #e6e9ec; --quiet: #a3adb8;
    --strong: #86b6ff; --odd: #ffab8a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem 1.25rem 4rem; background: var(--back);
  color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
h1 { margin: .5rem 0 0; font-size: 1.7rem; line-height: 1.25; }
h2 { margin: 2.75rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line);
  font-size: 1.3rem; }
h3 { margin: 1.75rem 0 .25rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--strong); }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem; background: var(--back); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .75rem 0; padding: 0;
  list-style: none; }
.quiet, dt { color: var(--quiet); }
.wide { overflow-x: auto; }
table { margin: .75rem 0; min-width: min(22rem, 100%); border-collapse: collapse;
  font-variant-numeric: tabular-nums; }
caption { padding-bottom: .25rem; text-align: left; color: var(--quiet); }
th, td { padding: .2rem 1.25rem .2rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
th { font-weight: 600; }
td, th + th { text-align: right; }
td.words { text-align: left; }
.big { font-size: 1.5rem; font-weight: 600; }
ol.cases { margin: .75rem 0; padding: 0; list-style: none; }
ol.cases > li { margin: .75rem 0; padding: .6rem .9rem; background: var(--soft);
  border-radius: .4rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: 6.5rem 1fr; gap: .1rem .75rem; margin: .25rem 0 0; }
dd { margin: 0; }
mark { background: none; color: var(--odd); text-decoration: underline;
  text-underline-offset: .2em; }
code { overflow-wrap: anywhere; }
figure { margin: .5rem 0; }
svg { display: block; }
svg.bars { max-width: 100%; height: auto; }
svg text { fill: var(--text); font: 13px system-ui, sans-serif; }
svg .quiet { fill: var(--quiet); }
svg .bar, svg .cell { fill: var(--strong); }
svg .frame { fill: none; stroke: var(--line); }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; } }
@media print { nav, .skip { display: none; } ol.cases > li, figure { break-inside: avoid; } }
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Translations under the magnifying glass</title>
<style>{{ style }}</style>
</head>
<body>
<a class="skip" href="#summary">Skip to the summary</a>
<header>
<h1>Translations under the magnifying glass</h1>
<p class="quiet">Model <code>{{ arguments["--model"] }}</code>,
sentences <code>{{ arguments["--source"] }}</code>,
{% if arguments["--outputs"] %}translations <code>{{ arguments["--outputs"] }}</code>.
{% else %}translated with beam size {{ arguments["--beam-size"] }}.{% endif +%}
{% if arguments["--quick"] %}Only the first {{ cases|length }} sentences.{% endif %}</p>
<nav aria-label="Sections"><ul>
<li><a href="#summary">Summary</a></li>
<li><a href="#length">By length</a></li>
<li><a href="#worst">Worst</a></li>
<li><a href="#best">Best</a></li>
<li><a href="#attention">Attention</a></li>
<li><a href="#unknown">Unknown words</a></li>
<li><a href="#analysis">Error analysis</a></li>
</ul></nav>
</header>
<main>
<section id="summary" aria-labelledby="summary-name">
<h2 id="summary-name">Summary</h2>
<p class="big">BLEU {{ (100 * bleu.score)|fixed(2) }}</p>
<table>
<caption>Each BLEU is of all sentences together, from 0 to 100, with one reference.</caption>
{{ row("our own count", (100 * bleu.score)|fixed(2)) }}
{% if scores is string %}
<tr><th scope="row">NLTK, sacrebleu</th>
<td class="words">{{ scores }}</td></tr>
{% else %}
{{ row("NLTK", scores.nltk|fixed(2)) }}
{{ row("sacrebleu", scores.sacrebleu|fixed(2)) }}
{% endif %}
</table>
{% if scores is not string %}
<p class="quiet">sacrebleu's signature: <code>{{ scores.signature }}</code>.
NLTK counts one missed n-gram for every translation that is shorter than n words, and so comes out
lower where there are short sentences.</p>
{% endif %}
<table>
<caption>What this BLEU is made of</caption>
{{ heads("n", "n-grams found", "n-grams written", "precision") }}
{% for precision in bleu.precisions %}
{{ row(loop.index, precision.matches|thousands, precision.total|thousands,
       precision.fraction|float|fixed(4)) }}
{% endfor %}
</table>
<p>{{ bleu.candidate_length|thousands }} words were written where the references have
{{ bleu.reference_length|thousands }}: the brevity penalty is
{{ bleu.brevity_penalty|fixed(4) }}.</p>
<table>
<caption>Counts</caption>
{{ row("sentences", cases|length|thousands) }}
{{ row("exactly as the reference", cases|selectattr("exact")|list|length|thousands) }}
{{ row("with no word at all", cases|rejectattr("output")|list|length|thousands) }}
{{ row("with <unk>", cases|selectattr("wrote_unknown")|list|length|thousands) }}
{{ row("source words that the model knows", model.vocab.src|length|thousands) }}
{{ row("target words that the model knows", model.vocab.tgt|length|thousands) }}
{{ row("width of the embeddings", model.model_embeddings.embed_size) }}
{{ row("width of the LSTMs", model.hidden_size) }}
{{ row("attention", model.attention) }}
{{ row("parameters", parameters|thousands) }}
</table>
</section>

<section id="length" aria-labelledby="length-name">
<h2 id="length-name">BLEU by the length of the source</h2>
<figure>
{{ bars(groups) }}
</figure>
<table>
<caption>Sentences of one group are measured together.</caption>
{{ heads("source words", "sentences", "BLEU", "brevity penalty") }}
{% for group in groups %}
{{ row(group.name, group.sentences|thousands, (100 * group.bleu.score)|fixed(2),
       group.bleu.brevity_penalty|fixed(4)) }}
{% endfor %}
</table>
</section>

<section id="worst" aria-labelledby="worst-name">
<h2 id="worst-name">Worst sentences</h2>
<p>By the BLEU of each sentence alone, from 0 to 100. It is smoothed: for n above 1 one n-gram more,
a match, is counted (Lin and Och, 2004), or most sentences would have 0. Of equal ones the longest
comes first. Underlined: words that the reference does not have, or not as often. Low BLEU is not
yet an error: the reference is one right translation of many.</p>
{{ listed(worst) }}
</section>

<section id="best" aria-labelledby="best-name">
<h2 id="best-name">Best sentences</h2>
{{ listed(best) }}
</section>

<section id="attention" aria-labelledby="attention-name">
<h2 id="attention-name">Attention</h2>
<p>A row is a word that the model wrote, a column a word that it read; the fuller the square, the
more it looked there. Each row adds up to 1.</p>
{% if not looks %}<p>There is no sentence to draw.</p>{% endif %}
{% for one in looks %}
<h3>Line {{ one.case.line }}, BLEU {{ (100 * one.case.score)|fixed(1) }}</h3>
<p>Reference: {{ plain(one.case.reference) }}</p>
<figure class="wide" tabindex="0" role="region" aria-label="Attention, line {{ one.case.line }}">
{{ heat(one) }}
</figure>
<details><summary>Where each word looked most</summary>
<table>
{{ heads("written", "looked most at", "weight") }}
{% for word, looked, weight in one.strongest() %}
{{ row(word, looked, weight|fixed(2)) }}
{% endfor %}
</table></details>
{% endfor %}
</section>

<section id="unknown" aria-labelledby="unknown-name">
<h2 id="unknown-name">Unknown words</h2>
{{ unknown(unknown_source, "source") }}
{{ unknown(unknown_target, "reference") }}
<p>Sentences with unknown source words (underlined), first those in which the model wrote
&lt;unk&gt;. "Copied" puts the source word that was looked at most in its place (underlined).</p>
<ol class="cases">
{% for case, one in unknown_cases %}
<li><span class="quiet">Line {{ case.line }}</span>
<dl>
<dt>Source</dt><dd lang="es">{{ marked(case.known(model.vocab.src)) }}</dd>
<dt>Reference</dt><dd>{{ plain(case.reference) }}</dd>
<dt>Model</dt><dd>{{ plain(case.output) }}</dd>
{% if one and case.wrote_unknown %}<dt>Copied</dt><dd>{{ marked(one.replaced()) }}</dd>{% endif %}
</dl></li>
{% else %}
<li>None.</li>
{% endfor %}
</ol>
</section>

<section id="analysis" aria-labelledby="analysis-name">
<h2 id="analysis-name">Error analysis</h2>
<p>Write yours into <a href="error_analysis.md">error_analysis.md</a>, a text file beside this page,
with any editor. It has a heading for each class of error that the homework shows, others to choose
from, and a form for the two errors of your own model. This report never changes it once it is
there.</p>
</section>
</main>
</body>
</html>
"""
