"""The parts of the report's page that come more than once, in Jinja2's language."""

MACROS = """
{% macro marked(words) %}
{% if not words %}<span class="quiet">(nothing)</span>{% endif %}
{% for word, fine in words %}
{% if fine %}<bdi>{{ word }}</bdi>{% else %}<mark><bdi>{{ word }}</bdi></mark>{% endif %}
{{ " " }}
{%- endfor %}
{% endmacro %}

{% macro plain(words) %}
{% if not words %}<span class="quiet">(nothing)</span>{% endif %}
<bdi>{{ words|join(" ") }}</bdi>
{% endmacro %}

{% macro listed(cases) %}
<ol class="cases">
{% for case in cases %}
<li><span class="quiet">Line {{ case.line }}, BLEU {{ (100 * case.score)|fixed(1) }}</span>
<dl>
<dt>Source</dt><dd lang="es">{{ plain(case.source) }}</dd>
<dt>Reference</dt><dd>{{ plain(case.reference) }}</dd>
<dt>Model</dt><dd>{{ marked(case.marked()) }}</dd>
</dl></li>
{% endfor %}
</ol>
{% endmacro %}

{% macro bars(groups) %}
{% set top = [groups|map(attribute="bleu.score")|max, 0.01]|max %}
{% set height = 28 * groups|length + 4 %}
<svg class="bars" width="640" height="{{ height }}" viewBox="0 0 640 {{ height }}" role="img"
 aria-label="BLEU by the number of source words; the table below has the numbers">
{% for group in groups %}
{% set y = 28 * loop.index0 %}
<text x="118" y="{{ y + 19 }}" text-anchor="end">{{ group.name }} words</text>
{% set long = (440 * group.bleu.score / top)|round|int %}
<rect class="bar" x="128" y="{{ y + 5 }}" height="20" width="{{ long }}"/>
<text x="{{ 134 + long }}" y="{{ y + 19 }}">
{{- (100 * group.bleu.score)|fixed(1) }}</text>
{% endfor %}
</svg>
{% endmacro %}

{% macro heat(looks) %}
{% set columns = looks.case.source %}
{% set left = 20 + 8 * [looks.written|map("length")|max, 16]|min %}
{% set over = 20 + 7 * [columns|map("length")|max, 16]|min %}
{% set width, height = 24 * columns|length, 24 * looks.written|length %}
<svg width="{{ left + width + over }}" height="{{ over + height + 6 }}" role="img"
 aria-label="Attention of {{ looks.written|length }} written words over {{ columns|length }} source
 words; the table below has the strongest">
{% for word in columns %}
{% set x = left + 24 * loop.index0 + 15 %}
<text x="{{ x }}" y="{{ over - 6 }}" transform="rotate(-60 {{ x }} {{ over - 6 }})">
{{- word|truncate(16, true, "…", 0) }}</text>
{% endfor %}
{% for word in looks.written %}
{% set y, row = over + 24 * loop.index0, looks.weights[loop.index0] %}
<text x="{{ left - 8 }}" y="{{ y + 16 }}" text-anchor="end">
{{- word|truncate(16, true, "…", 0) }}</text>
{% for weight in row %}
{% if weight >= 0.005 %}
<rect class="cell" x="{{ left + 24 * loop.index0 }}" y="{{ y }}" width="24" height="24"
 fill-opacity="{{ weight|fixed(2) }}"><title>
{{- word }} looks at {{ columns[loop.index0] }}: {{ weight|fixed(2) }}</title></rect>
{% endif %}
{% endfor %}
{% endfor %}
<path class="frame" d="
{%- for at in range(0, width + 1, 24) %}M{{ left + at }} {{ over }}v{{ height }}{% endfor %}
{%- for at in range(0, height + 1, 24) %}M{{ left }} {{ over + at }}h{{ width }}{% endfor %}"/>
</svg>
{% endmacro %}

{% macro unknown(words, language) %}
<p>{{ words.words|thousands }} of {{ words.text|thousands }} {{ language }} words
({{ (100 * words.share)|fixed(1) }} %) are not in the model's vocabulary.
{% if words.frequent %}Most frequent:
{% for word, count in words.frequent %}
<bdi>{{ word }}</bdi>&nbsp;<span class="quiet">({{ count }})</span>{{ "." if loop.last else ", " }}
{%- endfor %}{% endif %}</p>
{% endmacro %}

{% macro heads() %}
<tr>{% for name in varargs %}<th scope="col">{{ name }}</th>{% endfor %}</tr>
{% endmacro %}

{% macro row(name) %}
<tr><th scope="row"><bdi>{{ name }}</bdi></th>
{% for value in varargs %}<td><bdi>{{ value }}</bdi></td>{% endfor %}</tr>
{% endmacro %}
"""
