-- One citation a division: in note styles the note itself in place of its mark, in others the entries of the
-- list of references in the order cited, and how the text refers to them where a place is meant or they are not listed.
-- A title in brackets is a description: it has neither quotation marks nor italics.
local function described(inline)
  if pandoc.utils.stringify(inline.content):match("^%[.*%][,.]?$") then return inline.content end
end

local function unquoted(span)
  local text = pandoc.utils.stringify(span)
  for _, marks in ipairs { { "\u{2018}", "\u{2019}" }, { "\u{201C}", "\u{201D}" } } do
    if text:match("^" .. marks[1] .. "%[.*%][,.]?" .. marks[2] .. "$") then
      local content = span.content
      content[1].text = content[1].text:gsub(marks[1], "")
      content[#content].text = content[#content].text:gsub(marks[2], "")
      return content
    end
  end
  return span.content
end

local function plain(inlines)
  return inlines:walk {
    Emph = described,
    Cite = function(cite) return cite.content end,
    Span = unquoted,
    SmallCaps = function(capitals) if FORMAT ~= "html" then return capitals.content end end,
    Note = function(note) return pandoc.utils.blocks_to_inlines(note.content) end,
  }
end

function Pandoc(doc)
  local entries = {}
  doc:walk { Div = function(div)
    local id = div.identifier:match("^ref%-(.*)")
    if id and pandoc.utils.stringify(div) ~= "" then entries[id] = div.content end
  end }
  local blocks = pandoc.Blocks {}
  for _, block in ipairs(doc.blocks) do
    if block.t == "Div" and block.classes:includes("citation") then
      local place = 0
      for id in block.attributes.items:gmatch("%S+") do
        place = place + 1
        local cited = block.content[place]
        if doc.meta.note then
          if cited then blocks:insert(pandoc.Para(plain(cited.content))) end
        else
          for _, entry in ipairs(entries[id] or {}) do
            blocks:insert(pandoc.Para(plain(pandoc.utils.blocks_to_inlines { entry })))
          end
          if not doc.meta.listed and not entries[id] or not doc.meta.listed and (" " .. block.attributes.places .. " "):find(" " .. id .. " ", 1, true) then
            blocks:insert(pandoc.Para(pandoc.Inlines "In the text: " .. plain(cited.content)))
          end
        end
      end
    elseif block.t ~= "Div" then
      blocks:insert(block)
    end
  end
  return pandoc.Pandoc(blocks, pandoc.Meta {})
end
