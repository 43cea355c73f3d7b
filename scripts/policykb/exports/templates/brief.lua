-- Classes of the HTML document as functions of brief.typ and as styles of a4.docx and letter.docx; what Markdown has no word for goes.
local blocks = {kicker = "Kicker", meta = "Meta", small = "Meta", status = "Status", notice = "Notice", foot = "Meta", sources = "Sources", events = "Sources"}
local spans = {ref = "Ref", who = "Soft", aside = "Soft", grade = "Soft", how = "How", url = "Soft", more = "Soft"}

function Div(el)
  local class = el.classes[1]
  if not blocks[class] then return el.content end
  if FORMAT == "typst" then
    local out = pandoc.Blocks({pandoc.RawBlock("typst", "#" .. class .. "[")})
    out:extend(el.content)
    out:insert(pandoc.RawBlock("typst", "]"))
    return out
  elseif FORMAT == "docx" then
    -- A plain block in a list has a style of its own, a paragraph takes that of its division.
    local styled = function(content)
      content = pandoc.Blocks(content):map(function(block) return block.t == "Plain" and pandoc.Para(block.content) or block end)
      return {pandoc.Div(content, {["custom-style"] = blocks[class]})}
    end
    local listed = function(list) list.content = list.content:map(styled) return list end
    if class == "sources" or class == "events" then return el.content:walk({OrderedList = listed, BulletList = listed}) end
    return styled(el.content)
  end
  return el.content
end

-- Cells of Markdown's tables hold one line.
function Table(el)
  if FORMAT ~= "typst" and FORMAT ~= "docx" then
    return el:walk({LineBreak = function() return {pandoc.Str(","), pandoc.Space()} end})
  end
end

function Span(el)
  local class = el.classes[1]
  if FORMAT == "typst" and spans[class] then
    local out = pandoc.Inlines({pandoc.RawInline("typst", "#" .. class .. "[")})
    out:extend(el.content)
    out:insert(pandoc.RawInline("typst", "]"))
    return out
  elseif FORMAT == "docx" and spans[class] then
    return pandoc.Span(el.content, {["custom-style"] = spans[class]})
  elseif FORMAT ~= "typst" and FORMAT ~= "docx" then
    return el.content
  end
end

function Link(el)
  if FORMAT ~= "typst" and FORMAT ~= "docx" and el.target:sub(1, 1) == "#" then return el.content end
end

-- Without a picture beside it, Markdown says what the picture shows.
function Image(el)
  if FORMAT ~= "typst" and FORMAT ~= "docx" then return el.caption end
end
